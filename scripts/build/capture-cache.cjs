// Loaded before the command while it is built: notes the script of one of its files as bin/sentra makes it, and
// when the program has run writes out what V8 has compiled of it.
'use strict';
const { basename } = require('node:path');
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

let bundle = null;

vm.Script = class extends vm.Script {
  constructor(code, options) {
    super(code, options);
    if (basename(options?.filename ?? '') === process.env.SENTRA_CACHE_OF) bundle = this;
  }
};

process.on('exit', () => {
  if (bundle !== null) writeFileSync(process.env.SENTRA_CACHE_OUT, bundle.createCachedData());
});
