'use strict';
// Which issues are shown. Pure functions: no document, no state. The page uses them, and tests under node do.
const issueFilter = (() => {
  const fields = ['category', 'level', 'object', 'type', 'schema', 'usage', 'state'];

  /** True when the issue {category, level, ..., text} passes; an empty field lets everything through. */
  function matches(issue, filter) {
    for (const field of fields) {
      if (filter[field] && String(issue[field]) !== String(filter[field])) return false;
    }
    const words = (filter.search || '').toLowerCase().split(/\s+/).filter(Boolean);
    const text = (issue.text || '').toLowerCase();
    return words.every((word) => text.includes(word));
  }

  /** The numbers of the issues that pass. */
  function select(issues, filter) {
    const chosen = [];
    issues.forEach((issue, number) => { if (matches(issue, filter)) chosen.push(number); });
    return chosen;
  }

  /** "#category=x&level=3": what a link to a filtered page ends with. */
  function toHash(filter) {
    const parts = [...fields, 'search'].filter((field) => filter[field])
      .map((field) => field + '=' + encodeURIComponent(filter[field]));
    return parts.length ? '#' + parts.join('&') : '';
  }

  /** Reads such an end; anything else is an empty filter. */
  function fromHash(hash) {
    const filter = {};
    for (const part of String(hash || '').replace(/^#/, '').split('&')) {
      const at = part.indexOf('=');
      const field = part.slice(0, at);
      if (at < 1 || !(fields.includes(field) || field === 'search')) continue;
      try { filter[field] = decodeURIComponent(part.slice(at + 1)); } catch { /* a broken escape is no filter */ }
    }
    return filter;
  }

  /** The filter with these fields, or without them where it has exactly them already. */
  function toggle(filter, wanted) {
    const same = Object.keys(wanted).every((field) => String(filter[field] || '') === String(wanted[field]));
    const next = { ...filter };
    for (const field of Object.keys(wanted)) {
      if (same) delete next[field]; else next[field] = String(wanted[field]);
    }
    return next;
  }

  /** True when the filter has these fields, with these values, and no others. */
  function same(filter, wanted) {
    return [...fields, 'search'].every((field) => String(filter[field] || '') === String(wanted[field] || ''));
  }

  /** The numbers of all issues, ordered by level, hours (most first), type or object; by nothing: as they were. */
  function order(issues, by) {
    const numbers = issues.map((issue, number) => number);
    const compare = { __proto__: null,
      level: (a, b) => Number(b.level) - Number(a.level),
      hours: (a, b) => Number(b.hours || 0) - Number(a.hours || 0),
      type: (a, b) => (a.type || '').localeCompare(b.type || ''),
      object: (a, b) => (a.object || '').localeCompare(b.object || ''),
    }[by];
    return compare ? numbers.sort((a, b) => compare(issues[a], issues[b]) || a - b) : numbers;
  }

  return { matches, select, toHash, fromHash, toggle, same, order };
})();
if (typeof module !== 'undefined') module.exports = issueFilter;
