// Long tables: sorting by a column, and showing only the rows that hold some words. The functions are pure: no document;
// the page uses them, and tests under node do.
const tableRows = (() => {
  /** "1,234.5", "-3" as numbers; what is none (an empty cell, a dash) is nothing. */
  function numberOf(text) {
    const plain = String(text).replace(/,/g, '').trim();
    return plain !== '' && Number.isFinite(Number(plain)) ? Number(plain) : null;
  }

  /** The numbers of the cells in order, largest first when `down`. Equal ones keep their order; cells that hold no number
      come last in a column of numbers, whichever the direction. */
  function order(cells, numeric, down) {
    const values = cells.map((cell) => (numeric ? numberOf(cell) : String(cell).toLowerCase()));
    const sign = down ? -1 : 1;
    return cells.map((cell, number) => number).sort((a, b) => {
      if (values[a] === null || values[b] === null) return (values[a] === null) - (values[b] === null) || a - b;
      if (values[a] === values[b]) return a - b;
      return (values[a] < values[b] ? -1 : 1) * sign;
    });
  }

  /** True when every word of the search is in the text, in any case and order. */
  function holds(text, search) {
    const folded = String(text).toLowerCase();
    return String(search).toLowerCase().split(/\s+/).filter(Boolean).every((word) => folded.includes(word));
  }

  return { numberOf, order, holds };
})();
if (typeof module !== 'undefined') module.exports = tableRows;

if (typeof document !== 'undefined') {
  for (const table of document.querySelectorAll('table.sortable')) {
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const numeric = head.classList.contains('number');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        // Numbers are looked at for the largest, words from A on.
        const down = head.hasAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'ascending' : numeric;
        const rows = [...body.rows];
        const chosen = tableRows.order(rows.map((row) => row.cells[column].textContent), numeric, down);
        body.append(...chosen.map((number) => rows[number]));
        heads.forEach((one) => one.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      });
    });
  }

  for (const input of document.querySelectorAll('input[data-table]')) {
    const rows = [...document.getElementById(input.dataset.table).tBodies[0].rows];
    const texts = rows.map((row) => row.textContent);
    const told = document.getElementById(input.dataset.table + '-shown');
    const show = () => {
      let shown = 0;
      rows.forEach((row, number) => {
        row.hidden = !tableRows.holds(texts[number], input.value);
        if (!row.hidden) ++shown;
      });
      told.textContent = shown.toLocaleString('en') + ' of ' + rows.length.toLocaleString('en') + ' shown';
    };
    input.addEventListener('input', show);
    // The page takes the words of a search from its address.
    window.addEventListener('hashchange', show);
    show();
  }
}
