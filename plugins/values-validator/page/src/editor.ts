// The editor: CodeMirror inside a shadow root. There it puts its styles into sheets of the root instead of
// <style> elements, so that the page's policy need not allow inline styles.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { complete } from './complete';

// Colours are the page's, which inherit into the shadow root; so one theme is light and dark.
const look = EditorView.theme({
  '&': { height: '100%', fontSize: '14px', color: 'var(--text)', backgroundColor: 'var(--panel)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': { backgroundColor: 'var(--gutter)', color: 'var(--dim)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--mark) 55%, transparent)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)' },
  '.cm-tooltip, .cm-panels': { color: 'var(--text)', backgroundColor: 'var(--panel)', border: '1px solid var(--line)' },
  '.cm-tooltip': { borderRadius: '8px', boxShadow: '0 4px 18px rgb(0 0 0 / .18)', maxWidth: '36rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--mark)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--dim)' },
  '.cm-completionInfo': { whiteSpace: 'pre-line', maxWidth: '26rem' },
  '.cm-diagnostic': { padding: '.4rem .7rem', whiteSpace: 'pre-line' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--error)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warning)' },
  '.cm-diagnostic-info': { borderLeftColor: 'var(--info)' },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--panel)' },
  // The component's own squiggle and marks are data: images, which the policy refuses.
  '.cm-lintRange': { backgroundImage: 'none !important', textDecoration: 'underline wavy 1.5px', textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
  '.cm-lintRange-error': { textDecorationColor: 'var(--error)', backgroundColor: 'color-mix(in srgb, var(--error) 12%, transparent)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--warning)', backgroundColor: 'color-mix(in srgb, var(--warning) 12%, transparent)' },
  '.cm-lintRange-info': { textDecorationColor: 'var(--info)' },
  '.cm-lint-marker': { content: 'normal !important', width: '.8em', height: '.8em', margin: '.2em 0 0', borderRadius: '50%' },
  '.cm-lint-marker-error': { backgroundColor: 'var(--error)', borderRadius: '2px' },
  '.cm-lint-marker-warning': { backgroundColor: 'var(--warning)' },
  '.cm-lint-marker-info': { backgroundColor: 'var(--info)' },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--key)' },
  { tag: tags.string, color: 'var(--string)' },
  { tag: [tags.number, tags.bool, tags.keyword, tags.atom], color: 'var(--number)' },
  { tag: tags.comment, color: 'var(--comment)', fontStyle: 'italic' },
]);

/** One file's text with its own history. */
export function fileState(text: string, name: string, changed: () => void): EditorState {
  return EditorState.create({
    doc: text,
    extensions: [
      lineNumbers(), lintGutter(), highlightActiveLine(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(),
      indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(), indentUnit.of('  '), yaml(),
      autocompletion({ override: [complete] }),
      syntaxHighlighting(colours), look,
      // Tab leaves the editor, as everywhere on a page; lines are indented by Ctrl-].
      keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap]),
      EditorView.contentAttributes.of({ 'aria-label': `Values: ${name}`, spellcheck: 'false' }),
      EditorView.updateListener.of((update) => update.docChanged && changed()),
    ],
  });
}

/** The one view; files take turns in it. */
export function view(host: HTMLElement): EditorView {
  const root = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(':host { display: block; } .frame { height: 100%; }');
  root.adoptedStyleSheets.push(sheet);
  const parent = document.createElement('div');
  parent.className = 'frame';
  root.append(parent);
  return new EditorView({ parent, root });
}

export const show = (on: EditorView, diagnostics: Diagnostic[]): void => on.dispatch(setDiagnostics(on.state, diagnostics));
