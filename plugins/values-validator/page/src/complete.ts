// What may stand here, by the chart's schema: keys below the key that the line belongs to, words of an enum.
import type { CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import type { Text } from '@codemirror/state';
import root from '../generated/values.schema.json';

interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
}

const defs = (root as { $defs?: Record<string, Schema> }).$defs ?? {};

/** The schema itself and what it may be instead, references followed. */
function shapes(schema: Schema, depth = 0): Schema[] {
  if (depth > 8) return [];
  const named = schema.$ref ? defs[schema.$ref.replace('#/$defs/', '')] : undefined;
  const others = [...(named ? [named] : []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...others.flatMap((other) => shapes(other, depth + 1))];
}

/** What stands below `path`; `[]` is an item of a list. */
export function below(path: string[]): Schema[] {
  let found = shapes(root as Schema);
  for (const key of path) {
    found = found.flatMap((schema) => {
      if (key === '[]') return schema.items ? shapes(schema.items) : [];
      const more = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
      const next = schema.properties?.[key] ?? more;
      return next ? shapes(next) : [];
    });
  }
  return found;
}

const KEY = /^(\s*)((?:-\s+)*)([A-Za-z_][\w.-]*|"[^"]*"|'[^']*')\s*:(?:\s|$)/;

/** Keys above the line whose text before its own key is `indent` wide, outermost first. */
export function pathOf(doc: Text, number: number, indent: number, dashes: number): string[] {
  const path: string[] = [];
  for (let items = 0; items < dashes; items++) path.unshift('[]');
  // A dash may stand as far left as the key that it belongs to.
  let limit = dashes ? indent + 1 : indent;
  for (let above = number - 1; above >= 1 && limit > 0; above--) {
    const text = doc.line(above).text;
    if (!text.trim() || text.trim().startsWith('#')) continue;
    const match = KEY.exec(text);
    const dash = /^(\s*)-\s/.exec(text);
    const column = match ? match[1].length + match[2].length : text.search(/\S/);
    if (match && column < limit) {
      path.unshift(match[3].replace(/^["']|["']$/g, ''));
      limit = column;
    }
    if (dash && dash[1].length < limit) {
      path.unshift('[]');
      limit = dash[1].length + 1;
    } else if (dash && match && column === limit) {
      path.unshift('[]');
      limit = dash[1].length + 1;
    }
  }
  return path;
}

const said = (schemas: Schema[]): string | undefined => schemas.find((schema) => schema.description)?.description;
const typed = (schemas: Schema[]): string => [...new Set(schemas.flatMap((schema) => schema.type ?? []))].join(' or ');

export function complete(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  const value = /^(\s*)((?:-\s+)*)([\w.-]+):\s+([\w-]*)$/.exec(before);
  if (value) {
    const dashes = value[2].split('-').length - 1;
    const path = [...pathOf(context.state.doc, line.number, value[1].length, dashes), value[3]];
    const words = below(path).flatMap((schema) => schema.enum ?? (schema.type === 'boolean' ? [true, false] : []));
    if (!words.length) return null;
    return { from: context.pos - value[4].length, options: [...new Set(words.map(String))].map((label) => ({ label, type: 'constant' })) };
  }
  const key = /^(\s*)((?:-\s+)*)([\w-]*)$/.exec(before);
  if (!key || (!key[3] && !context.explicit)) return null;
  const dashes = key[2].split('-').length - 1;
  const schemas = below(pathOf(context.state.doc, line.number, key[1].length, dashes));
  const options = schemas.flatMap((schema) => Object.entries(schema.properties ?? {})).map(([label, schema]) => {
    const all = shapes(schema);
    return { label, type: 'property', detail: typed(all), info: said(all), apply: `${label}: ` };
  });
  return options.length ? { from: context.pos - key[3].length, options, validFor: /^[\w-]*$/ } : null;
}
