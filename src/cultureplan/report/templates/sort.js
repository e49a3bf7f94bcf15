"use strict";
// A click on a heading sorts its table; numbers by value, words by the reader's alphabet.
document.querySelectorAll("th button").forEach(function (button) {
  button.addEventListener("click", function () {
    var heading = button.parentNode, row = heading.parentNode, body = row.parentNode.nextElementSibling;
    var at = Array.prototype.indexOf.call(row.children, heading);
    var isNumber = heading.classList.contains("n");
    var falls = heading.getAttribute("aria-sort") === (isNumber ? "descending" : "ascending") ? !isNumber : isNumber;
    Array.prototype.forEach.call(row.children, function (other) { other.removeAttribute("aria-sort"); });
    heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
    var rows = Array.prototype.slice.call(body.rows).map(function (line, order) {
      return { line: line, order: order, value: line.cells[at].getAttribute("data-v") };
    });
    rows.sort(function (a, b) {
      if (a.value === "" || b.value === "") return (a.value === "") - (b.value === "") || a.order - b.order;
      var way = isNumber ? a.value - b.value : a.value.localeCompare(b.value, document.documentElement.lang);
      return (falls ? -way : way) || a.order - b.order;
    });
    rows.forEach(function (entry) { body.appendChild(entry.line); });
  });
});
