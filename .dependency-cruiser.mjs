// Which folder of src/ may import which; docs/architecture.md tells why. A folder imports itself and what is listed.
const allowed = {
  diagnostics: [],
  syntax: ['diagnostics'],
  analysis: ['syntax', 'diagnostics'],
  emit: ['syntax', 'analysis', 'diagnostics'],
  wire: [],
  runtime: ['diagnostics'],
  host: ['runtime', 'wire', 'diagnostics'],
  builtins: ['runtime', 'wire', 'host', 'diagnostics'],
  program: ['syntax', 'analysis', 'emit', 'runtime', 'host', 'builtins', 'diagnostics'],
  cli: null,
};

const directions = Object.entries(allowed)
  .filter(([, others]) => others !== null)
  .map(([folder, others]) => ({
    name: `imports-of-${folder}`,
    comment: `src/${folder} imports ${others.length === 0 ? 'no other folder' : others.join(', ')} only`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: `^src/(${[folder, ...others].join('|')})/` },
  }));

// Packages that are neither the network nor the host: pure computation on what they are given.
const pure = [
  '@jridgewell/gen-mapping',
  'picocolors',
  'get-east-asian-width',
  'csv-parse',
  'csv-stringify',
  'smol-toml',
  'entities',
  'diff',
];

export default {
  forbidden: [
    ...directions,
    {
      name: 'host-is-the-way-out',
      comment: "only src/host imports Node's own modules",
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/host/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'libraries-in-host',
      comment: 'a library that reaches the network or the system belongs into src/host; pure ones are listed',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/host/' },
      to: { path: '^node_modules/', pathNot: `^node_modules/(${pure.join('|')})/` },
    },
    {
      name: 'node-modules-through-node-ts',
      comment: "src/host/node.ts loads Node's modules at their first use; the others only name their types",
      severity: 'error',
      from: { path: '^src/host/', pathNot: '^src/host/node\\.ts$' },
      to: { dependencyTypes: ['core'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-cycles',
      comment: 'files that need each other are one file, or miss a third; imports of types do not count',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'a file that nothing imports and that imports nothing is left over',
      severity: 'error',
      from: { path: '^src/', orphan: true },
      to: {},
    },
    {
      name: 'not-to-tests',
      comment: 'what is shipped never imports from tests, benchmarks or scripts',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts)/' },
    },
    {
      name: 'resolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
