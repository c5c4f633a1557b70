#!/usr/bin/env bash
# Trunk's pre_build hook: what a build needs besides cargo. Installs the locked npm packages when they are missing or
# older than their lock, and joins the style sheets in cascade order: the library's, tokens, elements, layout, then one for
# each component and panel.
set -euo pipefail
. "$(dirname "$0")/env.sh"

npm_packages
mkdir -p target
cat node_modules/uplot/dist/uPlot.min.css style/{tokens,base,layout}.css style/{components,panels}/*.css |
  node_modules/.bin/esbuild --loader=css --minify >target/style.css
