// The arguments beside the files, written as for helm.
import type { SetArgument } from '../generated/vllm_values.js';

const KINDS: Record<string, SetArgument['kind']> = { '--set': 'set', '--set-string': 'string', '--set-json': 'json' };

/** One argument a line; a line that is none is said, and nothing is guessed. */
export function parse(text: string): { sets: SetArgument[]; wrong: string[] } {
  const sets: SetArgument[] = [];
  const wrong: string[] = [];
  text.split('\n').forEach((line, index) => {
    if (!line.trim()) return;
    const [, flag, rest] = /^\s*(--set(?:-string|-json)?)(?:\s+|=)(.*)$/.exec(line) ?? [];
    if (flag) sets.push({ kind: KINDS[flag], text: unquoted(rest) });
    else wrong.push(`Line ${index + 1}: found “${line.trim()}”, expected --set, --set-string or --set-json and what it sets.`);
  });
  return { sets, wrong };
}

// A shell takes one pair of quotes away.
const unquoted = (text: string): string => /^(['"])(.*)\1$/.exec(text.trim())?.[2] ?? text;
