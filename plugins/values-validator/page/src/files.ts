// The files on the page, later ones over earlier ones, and their tabs.
import type { EditorState } from '@codemirror/state';

export interface File {
  name: string;
  /** Where it is not the one in the view. */
  state: EditorState;
  errors: number;
}

/** A name that no other file has: findings are told apart by it. */
export function unused(files: File[], wanted: string): string {
  const taken = new Set(files.map((file) => file.name));
  if (!taken.has(wanted)) return wanted;
  const [, stem, end] = /^(.*?)(\.[^.]*)?$/.exec(wanted) ?? ['', wanted, ''];
  for (let number = 2; ; number++) {
    const name = `${stem}-${number}${end ?? ''}`;
    if (!taken.has(name)) return name;
  }
}

export interface TabActions {
  select: (index: number) => void;
  close: (index: number) => void;
}

export function tabs(into: HTMLElement, files: File[], current: number, { select, close }: TabActions): void {
  const focused = into.contains(document.activeElement);
  into.replaceChildren(
    ...files.map((file, index) => {
      const span = document.createElement('span');
      span.className = 'tab';
      span.role = 'presentation';
      const tab = document.createElement('button');
      tab.type = 'button';
      tab.role = 'tab';
      tab.textContent = file.name;
      tab.setAttribute('aria-selected', String(index === current));
      tab.setAttribute('aria-controls', 'editor');
      tab.tabIndex = index === current ? 0 : -1;
      tab.addEventListener('click', () => select(index));
      // As the tabs pattern has it: arrows go from tab to tab, Delete closes.
      tab.addEventListener('keydown', (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) select((index + step + files.length) % files.length);
        if (event.key === 'Delete' && files.length > 1) close(index);
      });
      if (file.errors) {
        const count = document.createElement('span');
        count.className = 'count';
        count.textContent = String(file.errors);
        count.setAttribute('aria-label', `${file.errors} errors`);
        tab.append(count);
      }
      span.append(tab);
      if (files.length > 1) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'close';
        button.textContent = '×';
        button.tabIndex = -1;
        button.setAttribute('aria-label', `Remove ${file.name}`);
        button.addEventListener('click', () => close(index));
        span.append(button);
      }
      return span;
    }),
  );
  if (focused) into.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
}
