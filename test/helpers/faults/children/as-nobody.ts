/** Runs the broker as the user `nobody`, because permissions do not bind root. */
const NOBODY = 65534;

process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
await import('../../../../src/main.ts');
