'use strict';
// node --test src/report/page
const assert = require('node:assert');
const test = require('node:test');
const { numberOf, order, holds } = require('./tables.js');

test('numbers as the page writes them', () => {
  assert.strictEqual(numberOf('1,234.5'), 1234.5);
  assert.strictEqual(numberOf(' -12.3 '), -12.3);
  for (const text of ['', '–', 'source only', ' ']) assert.strictEqual(numberOf(text), null);
});

test('columns of numbers, with gaps last either way', () => {
  const cells = ['9', '–', '1,000', '-3', '9'];
  assert.deepStrictEqual(order(cells, true, true), [2, 0, 4, 3, 1]);
  assert.deepStrictEqual(order(cells, true, false), [3, 0, 4, 2, 1]);
});

test('columns of words, in any case', () => {
  assert.deepStrictEqual(order(['b', 'A', 'c', 'a'], false, false), [1, 3, 0, 2]);
  assert.deepStrictEqual(order(['b', 'A', 'c', 'a'], false, true), [2, 0, 1, 3]);
  assert.deepStrictEqual(order([], false, true), []);
});

test('every word of a search must be there', () => {
  assert.ok(holds('SELECT a\nFROM Orders', ' orders select '));
  assert.ok(!holds('SELECT a FROM orders', 'orders update'));
  assert.ok(holds('anything', ''));
});
