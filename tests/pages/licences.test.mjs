// Licences of everything that the lockfiles bring, as deny.toml holds the crates.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { root } from './demo.mjs';

const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense']);

// Licences that bind the package alone, with why each is here.
const ALSO = {
  lightningcss: 'MPL-2.0', // part of the build tool, not of the page
  '@fontsource/lato': 'OFL-1.1', // a font
};

/** Whether an SPDX expression gives a choice that is allowed. */
export const allowed = (name, licence) =>
  licence.replace(/[()]/g, '').split(/\s+OR\s+/).some((one) => one.split(/\s+AND\s+/).every((part) => ALLOWED.has(part) || part === ALSO[name.replace(/^(lightningcss)-.*/, '$1')]));

// Without the field, the text says it.
function ofText(folder) {
  const file = existsSync(folder) && readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, 'utf8') : '';
  if (/Apache License\s+Version 2\.0/.test(text)) return 'Apache-2.0';
  return /Permission is hereby granted, free of charge/.test(text) ? 'MIT' : 'none';
}

for (const project of ['dashboards/page', 'plugins/values-validator/page', 'plugins/values-validator/shrink', 'tests/pages']) {
  test(`${project}: every package has a licence of the list, and its hash in the lockfile`, () => {
    const folder = `${root}${project}/`;
    const { packages } = JSON.parse(readFileSync(`${folder}package-lock.json`, 'utf8'));
    const wrong = [];
    for (const [path, entry] of Object.entries(packages)) {
      if (!path.startsWith('node_modules/') || entry.link) continue;
      const name = path.replace(/^.*node_modules\//, '');
      const licence = entry.license ?? ofText(folder + path);
      if (!allowed(name, licence)) wrong.push(`${name} ${entry.version}: ${licence}`);
      if (!entry.integrity) wrong.push(`${name} ${entry.version}: no integrity`);
    }
    assert.deepEqual(wrong, []);
  });
}

test('what is not on the list is refused', () => {
  assert.ok(allowed('x', '(GPL-3.0 OR MIT)') && allowed('x', 'MIT AND ISC') && allowed('lightningcss-linux-x64-gnu', 'MPL-2.0'));
  assert.ok(!allowed('x', 'MPL-2.0') && !allowed('x', 'MIT AND GPL-3.0') && !allowed('x', 'none'));
});
