// The list of findings: each a button that goes to its place, and one that mends it where that is sure.
import type { Finding, Report } from '../generated/vllm_values.js';

const WORD = { error: 'Error', warning: 'Warning', info: 'Note' };

export const message = (finding: Finding): string => `found ${finding.found}, expected ${finding.expected}`;

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** The line above the list, also for a screen reader. */
export function summary(report: Report): string {
  const { errors, warnings, info } = report;
  const parts = [errors && many(errors, 'error'), warnings && many(warnings, 'warning'), info && many(info, 'note')].filter(Boolean);
  return parts.length ? parts.join(', ') : 'No findings: these values can be installed.';
}

function element(tag: string, className: string, text: string): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

export interface Actions {
  /** Goes to a place; absent where no file of the page has it. */
  jump?: () => void;
  mend?: () => void;
}

function item(finding: Finding, { jump, mend }: Actions): HTMLLIElement {
  const li = document.createElement('li');
  const { place, severity, code } = finding;
  Object.assign(li.dataset, { code, severity });
  if (place) Object.assign(li.dataset, { file: place.file, line: String(place.line), column: String(place.column) });
  const head = element('span', 'head', '');
  head.append(element('span', 'severity', WORD[severity]), element('span', 'code', code));
  if (place) head.append(element('span', 'place', `${place.file}:${place.line}:${place.column}`));
  const text = element('span', 'text', '');
  if (finding.path) text.append(element('span', 'path', finding.path), ': ');
  text.append(message(finding));
  const go = element(jump ? 'button' : 'div', 'jump', '');
  if (jump) {
    (go as HTMLButtonElement).type = 'button';
    go.addEventListener('click', jump);
  }
  go.append(head, text);
  li.append(go);
  if (finding.why) li.append(element('p', 'why', finding.why));
  if (finding.fix.text) li.append(element('p', 'fix', `→ ${finding.fix.text}`));
  const explain = element('a', 'explain', 'Explain') as HTMLAnchorElement;
  explain.href = finding.url;
  explain.target = '_blank';
  explain.rel = 'noopener';
  explain.title = finding.title;
  explain.setAttribute('aria-label', `Explain ${code}: ${finding.title}`);
  li.append(explain);
  if (mend) {
    const button = element('button', 'apply', 'Mend it') as HTMLButtonElement;
    button.type = 'button';
    button.setAttribute('aria-label', `Mend it: ${finding.fix.text}`);
    button.addEventListener('click', mend);
    li.append(button);
  }
  return li;
}

export function list(into: HTMLElement, findings: Finding[], actions: (finding: Finding) => Actions): void {
  into.replaceChildren(...findings.map((finding) => item(finding, actions(finding))));
}
