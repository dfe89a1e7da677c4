/** The broker as a user who owns nothing: permissions do not bind root. */
const NOBODY = 65534;

process.setgroups?.([]);
process.setgid?.(NOBODY);
process.setuid?.(NOBODY);
await import('../../../src/main.ts');
