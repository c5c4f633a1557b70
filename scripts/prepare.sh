#!/usr/bin/env bash
# Trunk's pre_build hook: what a build needs besides cargo. Installs the locked npm packages when they are missing or
# older than their lock, joins the style sheets in cascade order: the library's, tokens, elements, layout, then one for each
# component and panel, and puts the NATS client with its packages into one script.
set -euo pipefail
. "$(dirname "$0")/env.sh"

npm_packages
mkdir -p target
cat node_modules/uplot/dist/uPlot.min.css style/{tokens,base,layout}.css style/{components,panels}/*.css |
  node_modules/.bin/esbuild --loader=css --minify >target/style.css
# It is loaded when a stream is read: from a static host as it is, so that the service worker keeps it whole.
node_modules/.bin/esbuild src/browser/nats_client.js --bundle --format=esm --target=es2022 --minify \
  --banner:js='/*! With @nats-io/nats-core and @nats-io/jetstream, copyright The NATS Authors, Apache-2.0. */' \
  --log-level=warning --outfile=target/nats_client.js
