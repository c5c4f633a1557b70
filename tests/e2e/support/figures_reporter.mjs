// Prints the figures that tests recorded with `figure`, and for scripts/counts.sh the tests that failed and the counts.
import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";

/** A line that names a test and what it expected. */
function failure({ location, title, results }) {
  const message = stripVTControlCharacters(results.at(-1)?.error?.message ?? "never ran").replaceAll(/\s+/g, " ");
  return `${basename(location.file)} › ${title}: ${message.slice(0, 300)}`;
}

export default class FiguresReporter {
  /** Of each test that recorded any. */
  figures = [];
  counts = { passed: 0, failed: 0, skipped: 0 };

  onBegin(_config, suite) {
    this.suite = suite;
  }

  onTestEnd({ title }, { annotations }) {
    const lines = annotations.filter(({ type }) => type === "figure").map(({ description }) => description);
    if (lines.length > 0) this.figures.push({ title, lines });
  }

  onEnd({ status }) {
    const tests = this.suite.allTests();
    // `--list` runs nothing.
    if (status === "passed" && tests.every(({ results }) => results.length === 0)) return;
    for (const test of tests) {
      const outcome = test.outcome();
      // A test that never ran, because an earlier one of its file failed or the run was ended, has not passed.
      const isUnreached = test.results.length === 0;
      const kind = outcome === "expected" && !isUnreached ? "passed" : outcome === "skipped" && !isUnreached ? "skipped" : "failed";
      this.counts[kind]++;
      if (kind === "failed") console.log(`e2e failed: ${failure(test)}`);
    }
    for (const { title, lines } of this.figures) console.log([`\nfigures: ${title}`, ...lines].join("\n  "));
    const { passed, failed, skipped } = this.counts;
    console.log(`\ne2e: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    if (process.env.MILLRACE_FIGURES) {
      const rows = this.figures.flatMap(({ title, lines }) => lines.map((line) => `${line}\t${title}\n`));
      appendFileSync(process.env.MILLRACE_FIGURES, rows.join(""));
    }
  }

  printsToStdio() {
    return true;
  }
}
