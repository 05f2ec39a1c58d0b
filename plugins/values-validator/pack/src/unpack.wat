;; Unpacks one LZ4 block. The block's form is described in lz4_Block_format.md of the LZ4 project:
;; sequences of a token, literals, and a match; the last one ends behind its literals.
(module
  (memory 1)
  (func
    (local $from i32) (local $to i32) (local $token i32) (local $length i32) (local $byte i32) (local $match i32)
    (local $piece i32)
    (local.set $from (i32.const {from}))
    (local.set $to (i32.const {to}))
    (loop $sequence
      (local.set $token (i32.load8_u (local.get $from)))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))

      ;; The literals: as many as the token's upper half says, and the bytes behind it where that is 15.
      (local.set $length (i32.shr_u (local.get $token) (i32.const 4)))
      (if (i32.eq (local.get $length) (i32.const 15)) (then
        (loop $more
          (local.set $byte (i32.load8_u (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))
          (local.set $length (i32.add (local.get $length) (local.get $byte)))
          (br_if $more (i32.eq (local.get $byte) (i32.const 255))))))
      (memory.copy (local.get $to) (local.get $from) (local.get $length))
      (local.set $from (i32.add (local.get $from) (local.get $length)))
      (local.set $to (i32.add (local.get $to) (local.get $length)))
      (if (i32.ge_u (local.get $from) (i32.const {end})) (then (return)))

      ;; The match: how far back it is, and its length, of which 4 are not written.
      (local.set $match (i32.sub (local.get $to) (i32.load16_u align=1 (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 2)))
      (local.set $length (i32.and (local.get $token) (i32.const 15)))
      (if (i32.eq (local.get $length) (i32.const 15)) (then
        (loop $more
          (local.set $byte (i32.load8_u (local.get $from)))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))
          (local.set $length (i32.add (local.get $length) (local.get $byte)))
          (br_if $more (i32.eq (local.get $byte) (i32.const 255))))))
      (local.set $length (i32.add (local.get $length) (i32.const 4)))
      ;; A match may reach into what it writes: at most what lies between is copied at once, and that grows.
      (loop $copy
        (local.set $piece (i32.sub (local.get $to) (local.get $match)))
        (if (i32.gt_u (local.get $piece) (local.get $length)) (then
          (local.set $piece (local.get $length))))
        (memory.copy (local.get $to) (local.get $match) (local.get $piece))
        (local.set $to (i32.add (local.get $to) (local.get $piece)))
        (local.set $length (i32.sub (local.get $length) (local.get $piece)))
        (br_if $copy (local.get $length)))
      (br $sequence))))
