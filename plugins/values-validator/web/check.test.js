// The JavaScript module in Node: `VLLM_VALUES` is the package's folder, `CASES` a file with
// {cases: [{name, input, expected: [[file, line, column, code]]}], good: [{name, text}]}.
"use strict";
const assert = require("node:assert");
const { readFileSync } = require("node:fs");
const test = require("node:test");

const { check } = require(process.env.VLLM_VALUES);
const { cases, good } = JSON.parse(readFileSync(process.env.CASES, "utf8"));

const sorted = (rows) => rows.map((row) => JSON.stringify(row)).sort();

test("every mistake is found at its line and column", () => {
  assert.ok(cases.length > 60, `${cases.length} cases`);
  for (const { name, input, expected } of cases) {
    const found = check(input).findings.map(({ place, code }) => [place.file, place.line, place.column, code]);
    assert.deepStrictEqual(sorted(found), sorted(expected), name);
  }
});

test("no error in the chart's own values", () => {
  for (const source of good) {
    assert.strictEqual(check({ sources: [source] }).errors, 0, source.name);
  }
});

test("an input of another shape throws, and the next check works", () => {
  for (const input of [undefined, null, 1, {}, { sources: "x" }, { sources: [{ name: "a" }] }, { source: [] }]) {
    assert.throws(() => check(input), /check:/, JSON.stringify(input));
  }
  const cyclic = {};
  cyclic.sources = cyclic;
  assert.throws(() => check(cyclic), TypeError);
  assert.strictEqual(check({ sources: [{ name: "v.yaml", text: "metrics: {mode: x}" }] }).errors, 1);
});

test("columns are characters, not UTF-16 units", () => {
  const { findings } = check({ sources: [{ name: "v.yaml", text: 'metrics: {"𝔘": 1, mode: auto}' }] });
  assert.deepStrictEqual([findings[0].place.column, findings[0].place.endColumn], [11, 14]);
});
