// What the code keeps to beyond its types. Looks are prettier's affair (prettier.config.mjs), and which folder
// may import which is dependency-cruiser's (.dependency-cruiser.mjs).
import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'coverage/', '.sentra/', 'bench/compute/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'require',
          'module',
          'console',
          'URL',
          'Buffer',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'setImmediate',
          'performance',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        // node:test itself waits for what these give.
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'it', 'describe', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // A program may throw any value, and what runs it passes that on.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `return this.write(...)` ends a case in one line.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // noUncheckedIndexedAccess makes every index uncertain; `!` marks those that a test before it made sure of.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Names for the first and last of a kind of token.
      '@typescript-eslint/prefer-literal-enum-member': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // [...text] for code points is what the language's strings are about.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    // Tests show whatever they find, and throw to see what happens.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-this-alias': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/restrict-template-expressions': 'off',
      'no-unsafe-finally': 'off',
    },
  },
  {
    // The one place that loads Node's own modules, each at its first use.
    files: ['src/host/node.ts'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
