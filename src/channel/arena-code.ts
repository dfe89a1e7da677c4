/**
 * What JavaScript cannot do as fast in memory that threads share: to copy a text, and to look
 * through one for what is not plain. As WebAssembly text (wabt 1.0.39, with threads and simd, makes the bytes):
 *
 * (module
 *   (import "m" "m" (memory 1 65536 shared))
 *   (func (export "copy") (param $to i32) (param $from i32) (param $length i32)
 *     (memory.copy (local.get $to) (local.get $from) (local.get $length)))
 *
 *   ;; Whole 64s are first looked at only for whether they are plain: then the rest is all there is to look at exactly.
 *   (func (export "look") (param $from i32) (param $length i32) (result i32)
 *     (local $at i32) (local $end i32) (local $wide i32) (local $lone i32)
 *     (local $follows i64) (local $crs i64)
 *     (local $least v128) (local $most v128) (local $lf v128) (local $cr v128) (local $20 v128)
 *     (local $v0 v128) (local $l0 v128) (local $c0 v128)
 *     (local $v1 v128) (local $l1 v128) (local $c1 v128)
 *     (local $v2 v128) (local $l2 v128) (local $c2 v128)
 *     (local $v3 v128) (local $l3 v128) (local $c3 v128)
 *     (local.set $at (local.get $from))
 *     (local.set $end (i32.add (local.get $from) (local.get $length)))
 *     (local.set $wide (i32.add (local.get $from) (i32.and (local.get $length) (i32.const -64))))
 *     (local.set $least (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32))
 *     (local.set $20 (local.get $least))
 *     (local.set $lf (v128.const i8x16 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10 10))
 *     (local.set $cr (v128.const i8x16 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13 13))
 *     ;; $least: of all bytes but CR and LF. $most: of all. $follows: 1 where the last byte before $at is a CR.
 *     (block $narrow
 *       (loop $next
 *         (br_if $narrow (i32.ge_u (local.get $at) (local.get $wide)))
 *         (local.set $v0 (v128.load offset=0 align=1 (local.get $at)))
 *         (local.set $l0 (i8x16.eq (local.get $v0) (local.get $lf)))
 *         (local.set $c0 (i8x16.eq (local.get $v0) (local.get $cr)))
 *         (local.set $least (i8x16.min_u (local.get $least) (v128.or (local.get $v0)
 *           (v128.and (v128.or (local.get $l0) (local.get $c0)) (local.get $20)))))
 *         (local.set $most (i8x16.max_u (local.get $most) (local.get $v0)))
 *         (local.set $v1 (v128.load offset=16 align=1 (local.get $at)))
 *         (local.set $l1 (i8x16.eq (local.get $v1) (local.get $lf)))
 *         (local.set $c1 (i8x16.eq (local.get $v1) (local.get $cr)))
 *         (local.set $least (i8x16.min_u (local.get $least) (v128.or (local.get $v1)
 *           (v128.and (v128.or (local.get $l1) (local.get $c1)) (local.get $20)))))
 *         (local.set $most (i8x16.max_u (local.get $most) (local.get $v1)))
 *         (local.set $v2 (v128.load offset=32 align=1 (local.get $at)))
 *         (local.set $l2 (i8x16.eq (local.get $v2) (local.get $lf)))
 *         (local.set $c2 (i8x16.eq (local.get $v2) (local.get $cr)))
 *         (local.set $least (i8x16.min_u (local.get $least) (v128.or (local.get $v2)
 *           (v128.and (v128.or (local.get $l2) (local.get $c2)) (local.get $20)))))
 *         (local.set $most (i8x16.max_u (local.get $most) (local.get $v2)))
 *         (local.set $v3 (v128.load offset=48 align=1 (local.get $at)))
 *         (local.set $l3 (i8x16.eq (local.get $v3) (local.get $lf)))
 *         (local.set $c3 (i8x16.eq (local.get $v3) (local.get $cr)))
 *         (local.set $least (i8x16.min_u (local.get $least) (v128.or (local.get $v3)
 *           (v128.and (v128.or (local.get $l3) (local.get $c3)) (local.get $20)))))
 *         (local.set $most (i8x16.max_u (local.get $most) (local.get $v3)))
 *         (if (i32.or (i32.wrap_i64 (local.get $follows)) (v128.any_true
 *             (v128.or (local.get $c0) (v128.or (local.get $c1) (v128.or (local.get $c2) (local.get $c3))))))
 *           (then
 *             (local.set $crs (call $mask (local.get $c0) (local.get $c1) (local.get $c2) (local.get $c3)))
 *             (if (i32.eqz (i64.eqz (i64.and
 *                 (i64.or (i64.shl (local.get $crs) (i64.const 1)) (local.get $follows))
 *                 (i64.xor (i64.const -1)
 *                   (call $mask (local.get $l0) (local.get $l1) (local.get $l2) (local.get $l3))))))
 *               (then (local.set $lone (i32.const 2))))
 *             (local.set $follows (i64.shr_u (local.get $crs) (i64.const 63)))))
 *         (local.set $at (i32.add (local.get $at) (i32.const 64)))
 *         (br $next)))
 *     (if (i32.or
 *         (v128.any_true (i8x16.lt_u (local.get $least) (local.get $20)))
 *         (v128.any_true (i8x16.ge_u (local.get $most) (i8x16.splat (i32.const 0x7f)))))
 *       (then (return (call $exactly (local.get $from) (local.get $end) (i32.const 0)))))
 *     (i32.or (local.get $lone)
 *       (call $exactly (local.get $at) (local.get $end) (i32.wrap_i64 (local.get $follows)))))
 *
 *   ;; A bit for each of 64 bytes.
 *   (func $mask (param $0 v128) (param $1 v128) (param $2 v128) (param $3 v128) (result i64)
 *     (i64.or
 *       (i64.or (i64.extend_i32_u (i8x16.bitmask (local.get $0)))
 *         (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $1))) (i64.const 16)))
 *       (i64.or (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $2))) (i64.const 32))
 *         (i64.shl (i64.extend_i32_u (i8x16.bitmask (local.get $3))) (i64.const 48)))))
 *
 *   ;; The bits of [at, end), 16 bytes at a time, then one by one. $cr: whether a CR stands before.
 *   (func $exactly (param $at i32) (param $end i32) (param $cr i32) (result i32)
 *     (local $wide i32) (local $bits i32) (local $byte i32)
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

/** The two functions, as the module exports them. */
export interface ArenaCode {
  /** Copies `length` bytes. */
  copy(to: number, from: number, length: number): void;
  /** Looks through `length` bytes. @returns bits of look.ts */
  look(at: number, length: number): number;
}

/** The module; what it imports is the memory, as `m.m`. */
export const ARENA_CODE = Buffer.from(
  [
    'AGFzbQEAAAABHARgA39/fwBgAn9/AX9gBHt7e3sBfmADf39/AX8CCwEBbQFtAgMBgIAEAwUEAAECAwcPAgRjb3B5AAAEbG9vawAB',
    'CvcGBAwAIAAgASAC/AoAAAu5AwMEfwJ+EXsgACECIAAgAWohAyAAIAFBQHFqIQT9DCAgICAgICAgICAgICAgICAhCCAIIQz9DAoK',
    'CgoKCgoKCgoKCgoKCgohCv0MDQ0NDQ0NDQ0NDQ0NDQ0NDSELAkADQCACIARPDQEgAv0AAAAhDSANIAr9IyEOIA0gC/0jIQ8gCCAN',
    'IA4gD/1QIAz9Tv1Q/XchCCAJIA39eSEJIAL9AAAQIRAgECAK/SMhESAQIAv9IyESIAggECARIBL9UCAM/U79UP13IQggCSAQ/Xkh',
    'CSAC/QAAICETIBMgCv0jIRQgEyAL/SMhFSAIIBMgFCAV/VAgDP1O/VD9dyEIIAkgE/15IQkgAv0AADAhFiAWIAr9IyEXIBYgC/0j',
    'IRggCCAWIBcgGP1QIAz9Tv1Q/XchCCAJIBb9eSEJIAanIA8gEiAVIBj9UP1Q/VD9U3IEQCAPIBIgFSAYEAIhByAHQgGGIAaEQn8g',
    'DiARIBQgFxAChYNQRQRAQQIhBQsgB0I/iCEGCyACQcAAaiECDAALCyAIIAz9Jv1TIAlB/wD9D/0s/VNyBEAgACADQQAQAw8LIAUg',
    'AiADIAanEANyCyIAIAD9ZK0gAf1krUIQhoQgAv1krUIghiAD/WStQjCGhIQLiQMCA38EeyAAIAEgAGtBcHFqIQMCQANAIAAgA08N',
    'ASAA/QAAACEGIAcgBv1QIQcgCSAGQd8B/Q/9TkHCAf0P/SP9UCEJIAggBkH/AP0P/SMgBiAGQR/9D/13/SMgBkEN/Q/9IyAGQQr9',
    'D/0jIAZBCf0P/SP9UP1Q/U/9UP1QIQggAiAGQQ39D/0j/WRBAXRyIQIgAgRAIAJB//8DcSAGQQr9D/0j/WRBf3NxBEBBAiEECyAC',
    'QRB2IQILIABBEGohAAwACwsgB0GAAf0P/U79UwRAIARBAXIhBAsgCP1TBEAgBEECciEECyAJ/VMEQCAEQQRyIQQLAkADQCAAIAFP',
    'DQEgAC0AACEFIAIgBUEKR3EEQCAEQQJyIQQLIAVBDUYhAiAFQf8ATwRAIAVB/wBGBEAgBEECciEEBSAEQQFyIQQLIAVB3wFxQcIB',
    'RgRAIARBBHIhBAsLIAVBIEkgBUENRyAFQQpHIAVBCUdxcXEEQCAEQQJyIQQLIABBAWohAAwACwsgBCACQQF0cgs=',
  ].join(''),
  'base64',
);
