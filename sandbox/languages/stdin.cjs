// Judged programs read '/dev/stdin', which is a link into /proc, and a jail has no /proc. What opens a file by one of
// its names gets descriptor 0 instead.
'use strict';
const fs = require('fs');
const { promisify } = require('util');

const NAMES = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);
const descriptor = (path) => (NAMES.has(path) ? 0 : path);
const { createReadStream, openSync, readFile, readFileSync } = fs;
const { readFile: readFilePromise } = fs.promises;

fs.readFileSync = (path, ...rest) => readFileSync(descriptor(path), ...rest);
fs.readFile = (path, ...rest) => readFile(descriptor(path), ...rest);
fs.openSync = (path, ...rest) => (NAMES.has(path) ? 0 : openSync(path, ...rest));
fs.createReadStream = (path, options) =>
  NAMES.has(path)
    ? createReadStream(null, { ...(typeof options === 'string' ? { encoding: options } : options), fd: 0 })
    : createReadStream(path, options);
// Promises of files take no plain descriptor.
fs.promises.readFile = (path, ...rest) =>
  NAMES.has(path) ? promisify(readFile)(0, ...rest) : readFilePromise(path, ...rest);
require('module').syncBuiltinESMExports();
