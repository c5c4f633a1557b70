#!/usr/bin/env bash
# Joins the style sheets in cascade order: the library's, tokens, elements, layout, then one for each component and panel.
set -euo pipefail
. "$(dirname "$0")/env.sh"

mkdir -p target
cat node_modules/uplot/dist/uPlot.min.css style/{tokens,base,layout}.css style/{components,panels}/*.css |
  node_modules/.bin/esbuild --loader=css --minify >target/style.css
