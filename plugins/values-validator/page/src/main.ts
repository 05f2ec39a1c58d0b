// The page: files, arguments and findings, checked anew a moment after each change.
import type { Diagnostic } from '@codemirror/lint';
import { EditorView } from '@codemirror/view';
import init, { type Finding, type Place, type Report, check } from '../generated/vllm_values.js';
import { fileState, show, view } from './editor';
import { FIRST, examples } from './examples';
import { type File, tabs, unused } from './files';
import { list, message, summary } from './findings';
import { exact, range } from './place';
import { parse } from './sets';
import { themed } from './theme';

/** Milliseconds of silence before values are checked. */
const PAUSE = 120;

const at = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;

const editor = view(at('editor'));
const files: File[] = [];
let current = 0;
let ready = false;
let report: Report = { findings: [], errors: 0, warnings: 0, info: 0 };
let timer: number | undefined;

const changed = () => {
  clearTimeout(timer);
  document.body.dataset.checked = 'no';
  timer = window.setTimeout(run, PAUSE);
};

const made = (name: string, text: string): File => ({ name, state: fileState(text, name, changed), errors: 0 });

const stateOf = (index: number) => (index === current ? editor.state : files[index].state);

function select(index: number): void {
  if (index !== current && files[current]) files[current].state = editor.state;
  current = index;
  editor.setState(files[index].state);
  at('editor').setAttribute('aria-label', files[index].name);
  draw();
}

function replace(given: { name: string; text: string }[]): void {
  files.length = 0;
  for (const { name, text } of given) files.push(made(unused(files, name), text));
  current = 0;
  editor.setState(files[0].state);
  changed();
  select(0);
}

function add(name: string, text: string): void {
  files.push(made(unused(files, name), text));
  select(files.length - 1);
  changed();
}

function close(index: number): void {
  files[current].state = editor.state;
  files.splice(index, 1);
  current = Math.min(current > index ? current - 1 : current, files.length - 1);
  editor.setState(files[current].state);
  draw();
  changed();
}

const indexOf = (place: Place | null | undefined): number => (place ? files.findIndex((file) => file.name === place.file) : -1);

function jump(place: Place): void {
  select(indexOf(place));
  const { from, to } = range(editor.state.doc, place);
  editor.dispatch({ selection: { anchor: from, head: to }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
  editor.focus();
}

function mend(finding: Finding): void {
  const replacement = finding.fix.replacement!;
  select(indexOf(replacement.place));
  editor.dispatch({ changes: { ...exact(editor.state.doc, replacement.place), insert: replacement.text } });
  editor.focus();
}

function diagnostics(): Diagnostic[] {
  const here = report.findings.filter((finding) => finding.place?.file === files[current].name);
  return here.map((finding) => ({
    ...range(editor.state.doc, finding.place!),
    severity: finding.severity,
    source: finding.code,
    message: [`${finding.path}: ${message(finding)}`, finding.why, finding.fix.text && `→ ${finding.fix.text}`].filter(Boolean).join('\n'),
    actions: finding.fix.replacement && indexOf(finding.fix.replacement.place) >= 0 ? [{ name: 'Mend it', apply: () => mend(finding) }] : [],
  }));
}

function draw(): void {
  for (const file of files) file.errors = report.findings.filter((f) => f.severity === 'error' && f.place?.file === file.name).length;
  tabs(at('tabs'), files, current, { select, close });
  show(editor, diagnostics());
  list(at('findings'), report.findings, (finding) => ({
    jump: indexOf(finding.place) >= 0 ? () => jump(finding.place!) : undefined,
    mend: finding.fix.replacement && indexOf(finding.fix.replacement.place) >= 0 ? () => mend(finding) : undefined,
  }));
}

function run(): void {
  if (!ready) return;
  const { sets, wrong } = parse(at<HTMLTextAreaElement>('sets').value);
  at('sets-error').textContent = wrong.join(' ');
  const sources = files.map(({ name }, index) => ({ name, text: stateOf(index).doc.toString() }));
  report = check({ sources, sets });
  const line = at('summary');
  line.textContent = summary(report);
  line.dataset.state = report.errors ? 'error' : report.warnings ? 'warning' : 'good';
  draw();
  document.body.dataset.checked = 'yes';
}

async function opened(given: FileList | null | undefined): Promise<void> {
  const chosen = [...(given ?? [])];
  if (chosen.length) replace(await Promise.all(chosen.map(async (file) => ({ name: file.name, text: await file.text() }))));
}

function wire(): void {
  themed(at('theme'));
  at('add').addEventListener('click', () => {
    add('override.yaml', '');
    editor.focus();
  });
  const open = at<HTMLInputElement>('open');
  open.addEventListener('change', async () => {
    await opened(open.files);
    open.value = '';
  });
  at('sets').addEventListener('input', changed);
  const choice = at<HTMLSelectElement>('example');
  for (const name of examples.keys()) choice.add(new Option(name));
  choice.addEventListener('change', async () => {
    const load = examples.get(choice.value);
    const name = choice.value.endsWith('.yaml') ? choice.value : 'values.yaml';
    if (load) replace([{ name, text: await load() }]);
    choice.value = '';
  });
  // Drops are taken everywhere, before the editor would insert the text.
  const dropping = (on: boolean) => document.body.classList.toggle('dropping', on);
  window.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    dropping(true);
  }, true);
  window.addEventListener('dragleave', (event) => event.relatedTarget === null && dropping(false));
  window.addEventListener('drop', (event) => {
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    dropping(false);
    void opened(event.dataTransfer.files);
  }, true);
}

wire();
replace([{ name: 'values.yaml', text: FIRST }]);
init().then(
  () => {
    ready = true;
    run();
  },
  (error) => {
    at('summary').textContent = `The validator cannot be loaded: ${error}`;
    at('summary').dataset.state = 'error';
  },
);
