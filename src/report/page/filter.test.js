'use strict';
// node --test src/report/page
const assert = require('node:assert');
const test = require('node:test');
const { matches, select, toHash, fromHash, toggle, same, order } = require('./filter.js');

const issues = [
  { category: 'a', level: '3', object: 'TABLE', type: 'X', state: 'new', text: 'Orders has XML' },
  { category: 'a', level: '1', object: 'INDEX', type: 'Y', state: 'unchanged', text: 'gist on orders' },
  { category: 'b', level: '3', object: 'TABLE', type: 'X', state: 'unchanged', text: '' },
];

test('an empty filter lets everything through', () => assert.deepStrictEqual(select(issues, {}), [0, 1, 2]));

test('fields are joined by and', () => {
  assert.deepStrictEqual(select(issues, { category: 'a' }), [0, 1]);
  assert.deepStrictEqual(select(issues, { category: 'a', level: 3 }), [0]);
  assert.deepStrictEqual(select(issues, { object: 'TABLE', state: 'unchanged' }), [2]);
  assert.deepStrictEqual(select(issues, { type: 'Z' }), []);
});

test('every word of a search must be there, in any case and order', () => {
  assert.deepStrictEqual(select(issues, { search: 'ORDERS' }), [0, 1]);
  assert.deepStrictEqual(select(issues, { search: ' xml  orders ' }), [0]);
  assert.strictEqual(matches({ category: 'a' }, { search: 'x' }), false);
});

test('a filter survives the way through the address', () => {
  const filter = { category: 'a', level: '3', search: 'a&b=c #"<script>' };
  assert.deepStrictEqual(fromHash(toHash(filter)), filter);
  assert.strictEqual(toHash({}), '');
});

test('foreign and broken addresses are empty filters', () => {
  for (const hash of ['', '#', '#issues', '#__proto__=x', '#level=%E0%A4%A', undefined]) assert.deepStrictEqual(fromHash(hash), {});
});

test('a second click takes the choice back', () => {
  const chosen = toggle({ search: 'x' }, { category: 'a', level: 3 });
  assert.deepStrictEqual(chosen, { search: 'x', category: 'a', level: '3' });
  assert.deepStrictEqual(toggle(chosen, { category: 'a', level: 3 }), { search: 'x' });
  assert.deepStrictEqual(toggle(chosen, { level: 2 }), { search: 'x', category: 'a', level: '2' });
});

test('a filter is the same only with all its fields', () => {
  assert.ok(same({ level: '3' }, { level: 3 }));
  assert.ok(same({ level: '3', search: '' }, { level: '3' }));
  assert.ok(!same({ level: '3', search: 'x' }, { level: '3' }));
  assert.ok(!same({}, { category: 'a' }));
});

test('sorting keeps the order of equals', () => {
  const some = [{ level: '1', hours: '3', type: 'B' }, { level: '3', hours: '1', type: 'A' }, { level: '3', type: 'B' }];
  assert.deepStrictEqual(order(some, 'level'), [1, 2, 0]);
  assert.deepStrictEqual(order(some, 'hours'), [0, 1, 2]);
  assert.deepStrictEqual(order(some, 'type'), [1, 0, 2]);
  assert.deepStrictEqual(order(some, ''), [0, 1, 2]);
  assert.deepStrictEqual(order(some, 'constructor'), [0, 1, 2]);
});
