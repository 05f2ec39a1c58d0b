// Places: the validator counts lines and columns from 1 in code points, the editor counts UTF-16 units.
import type { Text } from '@codemirror/state';
import type { Place } from '../generated/vllm_values.js';

function offset(doc: Text, line: number, column: number): number {
  if (line > doc.lines) return doc.length;
  const { from, text } = doc.line(Math.max(line, 1));
  let units = 0;
  let left = column - 1;
  for (const character of text) {
    if (left-- <= 0) break;
    units += character.length;
  }
  return from + units;
}

/** From and to in the document, as the validator says. */
export const exact = (doc: Text, place: Place): { from: number; to: number } => {
  const from = offset(doc, place.line, place.column);
  return { from, to: Math.max(from, offset(doc, place.endLine, place.endColumn)) };
};

/** The same for the eye; at least one character wide where there is one, so that it can be seen. */
export function range(doc: Text, place: Place): { from: number; to: number } {
  const { from, to } = exact(doc, place);
  if (to > from) return { from, to };
  const line = doc.lineAt(from);
  return from < line.to ? { from, to: from + 1 } : { from: Math.max(line.from, from - 1), to: from };
}
