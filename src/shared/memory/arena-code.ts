/**
 * Two functions that are too slow in JavaScript where threads share memory: to copy a text, and to look through one for
 * characters that need attention. This is their WebAssembly text; wabt 1.0.39 (with threads and simd) makes the bytes:
 *
 * (module
 *   (import "m" "m" (memory 1 65536 shared))
 *   (func (export "copy") (param $to i32) (param $from i32) (param $length i32)
 *     (memory.copy (local.get $to) (local.get $from) (local.get $length)))
 *
 *   ;; Most texts have only bytes from 0x20 to 0x7e, and LF. A fast pass checks that. Any other gets a second pass.
 *   (func (export "look") (param $from i32) (param $length i32) (result i32)
 *     (local $at i32) (local $end i32) (local $last i32)
 *     (local $20 v128) (local $lf v128) (local $worst v128) (local $v v128)
 *     (local.set $end (i32.add (local.get $from) (local.get $length)))
 *     (if (i32.lt_u (local.get $length) (i32.const 16))
 *       (then (return (call $exactly (local.get $from) (local.get $end)))))
 *     (local.set $20 (i8x16.splat (i32.const 0x20)))
 *     (local.set $lf (i8x16.splat (i32.const 10)))
 *     (local.set $at (local.get $from))
 *     (local.set $last (i32.sub (local.get $end) (i32.const 64)))
 *     ;; $worst: for each of 16 columns the largest (byte - 0x20), unsigned, so that a byte below 0x20 is large too.
 *     (block $wide
 *       (br_if $wide (i32.lt_u (local.get $length) (i32.const 64)))
 *       (loop $next
 *         (local.set $worst (i8x16.max_u (local.get $worst) (v128.andnot
 *           (i8x16.sub (local.tee $v (v128.load align=1 (local.get $at))) (local.get $20))
 *           (i8x16.eq (local.get $v) (local.get $lf)))))
 *         (local.set $worst (i8x16.max_u (local.get $worst) (v128.andnot
 *           (i8x16.sub (local.tee $v (v128.load offset=16 align=1 (local.get $at))) (local.get $20))
 *           (i8x16.eq (local.get $v) (local.get $lf)))))
 *         (local.set $worst (i8x16.max_u (local.get $worst) (v128.andnot
 *           (i8x16.sub (local.tee $v (v128.load offset=32 align=1 (local.get $at))) (local.get $20))
 *           (i8x16.eq (local.get $v) (local.get $lf)))))
 *         (local.set $worst (i8x16.max_u (local.get $worst) (v128.andnot
 *           (i8x16.sub (local.tee $v (v128.load offset=48 align=1 (local.get $at))) (local.get $20))
 *           (i8x16.eq (local.get $v) (local.get $lf)))))
 *         (local.set $at (i32.add (local.get $at) (i32.const 64)))
 *         (br_if $next (i32.le_u (local.get $at) (local.get $last)))))
 *     (local.set $last (i32.sub (local.get $end) (i32.const 16)))
 *     (loop $next
 *       ;; The last 16 bytes may overlap those before.
 *       (if (i32.gt_u (local.get $at) (local.get $last)) (then (local.set $at (local.get $last))))
 *       (local.set $worst (i8x16.max_u (local.get $worst) (v128.andnot
 *         (i8x16.sub (local.tee $v (v128.load align=1 (local.get $at))) (local.get $20))
 *         (i8x16.eq (local.get $v) (local.get $lf)))))
 *       (local.set $at (i32.add (local.get $at) (i32.const 16)))
 *       (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
 *     (if (result i32) (v128.any_true (i8x16.gt_u (local.get $worst) (i8x16.splat (i32.const 0x5e))))
 *       (then (call $exactly (local.get $from) (local.get $end)))
 *       (else (i32.const 0))))
 *
 *   ;; The bits of [at, end), 16 bytes at a time, then one by one. $cr: whether the byte before $at is a CR.
 *   (func $exactly (param $at i32) (param $end i32) (result i32)
 *     (local $cr i32) (local $wide i32) (local $bits i32) (local $byte i32)
 *     (local $v v128) (local $all v128) (local $control v128) (local $lead v128)
 *     (local.set $wide (i32.add (local.get $at)
 *       (i32.and (i32.sub (local.get $end) (local.get $at)) (i32.const -16))))
 *     (block $narrow
 *       (loop $next
 *         (br_if $narrow (i32.ge_u (local.get $at) (local.get $wide)))
 *         (local.set $v (v128.load align=1 (local.get $at)))
 *         (local.set $all (v128.or (local.get $all) (local.get $v)))
 *         (local.set $lead (v128.or (local.get $lead)
 *           (i8x16.eq (v128.and (local.get $v) (i8x16.splat (i32.const 0xdf))) (i8x16.splat (i32.const 0xc2)))))
 *         (local.set $control (v128.or (local.get $control) (v128.or
 *           (i8x16.eq (local.get $v) (i8x16.splat (i32.const 0x7f)))
 *           (v128.andnot
 *             (i8x16.eq (local.get $v) (i8x16.min_u (local.get $v) (i8x16.splat (i32.const 0x1f))))
 *             (v128.or (i8x16.eq (local.get $v) (i8x16.splat (i32.const 13)))
 *               (v128.or (i8x16.eq (local.get $v) (i8x16.splat (i32.const 10)))
 *                 (i8x16.eq (local.get $v) (i8x16.splat (i32.const 9)))))))))
 *         (local.set $cr (i32.or (local.get $cr)
 *           (i32.shl (i8x16.bitmask (i8x16.eq (local.get $v) (i8x16.splat (i32.const 13)))) (i32.const 1))))
 *         (if (local.get $cr) (then
 *           (if (i32.and (i32.and (local.get $cr) (i32.const 0xffff))
 *               (i32.xor (i8x16.bitmask (i8x16.eq (local.get $v) (i8x16.splat (i32.const 10)))) (i32.const -1)))
 *             (then (local.set $bits (i32.const 2))))
 *           (local.set $cr (i32.shr_u (local.get $cr) (i32.const 16)))))
 *         (local.set $at (i32.add (local.get $at) (i32.const 16)))
 *         (br $next)))
 *     (if (v128.any_true (v128.and (local.get $all) (i8x16.splat (i32.const 0x80))))
 *       (then (local.set $bits (i32.or (local.get $bits) (i32.const 1)))))
 *     (if (v128.any_true (local.get $control))
 *       (then (local.set $bits (i32.or (local.get $bits) (i32.const 2)))))
 *     (if (v128.any_true (local.get $lead))
 *       (then (local.set $bits (i32.or (local.get $bits) (i32.const 4)))))
 *     (block $done
 *       (loop $next
 *         (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
 *         (local.set $byte (i32.load8_u (local.get $at)))
 *         (if (i32.and (local.get $cr) (i32.ne (local.get $byte) (i32.const 10)))
 *           (then (local.set $bits (i32.or (local.get $bits) (i32.const 2)))))
 *         (local.set $cr (i32.eq (local.get $byte) (i32.const 13)))
 *         (if (i32.ge_u (local.get $byte) (i32.const 0x7f)) (then
 *           (if (i32.eq (local.get $byte) (i32.const 0x7f))
 *             (then (local.set $bits (i32.or (local.get $bits) (i32.const 2))))
 *             (else (local.set $bits (i32.or (local.get $bits) (i32.const 1)))))
 *           (if (i32.eq (i32.and (local.get $byte) (i32.const 0xdf)) (i32.const 0xc2))
 *             (then (local.set $bits (i32.or (local.get $bits) (i32.const 4)))))))
 *         (if (i32.and (i32.lt_u (local.get $byte) (i32.const 0x20))
 *             (i32.and (i32.ne (local.get $byte) (i32.const 13))
 *               (i32.and (i32.ne (local.get $byte) (i32.const 10)) (i32.ne (local.get $byte) (i32.const 9)))))
 *           (then (local.set $bits (i32.or (local.get $bits) (i32.const 2)))))
 *         (local.set $at (i32.add (local.get $at) (i32.const 1)))
 *         (br $next)))
 *     (i32.or (local.get $bits) (i32.shl (local.get $cr) (i32.const 1)))))
 */

/** The two functions that the module exports. */
export interface ArenaCode {
  /** Copies `length` bytes within the memory. */
  copy(to: number, from: number, length: number): void;
  /** Looks through `length` bytes from `at` on. @returns bits of look.ts */
  look(at: number, length: number): number;
}

/** The module. It imports its memory as `m.m`. */
export const ARENA_CODE = Buffer.from(
  [
    'AGFzbQEAAAABDQJgA39/fwBgAn9/AX8CCwEBbQFtAgMBgIAEAwQDAAEBBw8CBGNvcHkAAARsb29rAAEKqQUDDAAgACABIAL8CgAAC44C',
    'AgN/BHsgACABaiEDIAFBEEkEQCAAIAMQAg8LQSD9DyEFQQr9DyEGIAAhAiADQcAAayEEAkAgAUHAAEkNAANAIAcgAv0AAAAiCCAF/XEg',
    'CCAG/SP9T/15IQcgByAC/QAAECIIIAX9cSAIIAb9I/1P/XkhByAHIAL9AAAgIgggBf1xIAggBv0j/U/9eSEHIAcgAv0AADAiCCAF/XEg',
    'CCAG/SP9T/15IQcgAkHAAGohAiACIARNDQALCyADQRBrIQQDQCACIARLBEAgBCECCyAHIAL9AAAAIgggBf1xIAggBv0j/U/9eSEHIAJB',
    'EGohAiACIANJDQALIAdB3gD9D/0o/VMEfyAAIAMQAgVBAAsLiQMCBH8EeyAAIAEgAGtBcHFqIQMCQANAIAAgA08NASAA/QAAACEGIAcg',
    'Bv1QIQcgCSAGQd8B/Q/9TkHCAf0P/SP9UCEJIAggBkH/AP0P/SMgBiAGQR/9D/13/SMgBkEN/Q/9IyAGQQr9D/0jIAZBCf0P/SP9UP1Q',
    '/U/9UP1QIQggAiAGQQ39D/0j/WRBAXRyIQIgAgRAIAJB//8DcSAGQQr9D/0j/WRBf3NxBEBBAiEECyACQRB2IQILIABBEGohAAwACwsg',
    'B0GAAf0P/U79UwRAIARBAXIhBAsgCP1TBEAgBEECciEECyAJ/VMEQCAEQQRyIQQLAkADQCAAIAFPDQEgAC0AACEFIAIgBUEKR3EEQCAE',
    'QQJyIQQLIAVBDUYhAiAFQf8ATwRAIAVB/wBGBEAgBEECciEEBSAEQQFyIQQLIAVB3wFxQcIBRgRAIARBBHIhBAsLIAVBIEkgBUENRyAF',
    'QQpHIAVBCUdxcXEEQCAEQQJyIQQLIABBAWohAAwACwsgBCACQQF0cgs=',
  ].join(''),
  'base64',
);
