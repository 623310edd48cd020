package io.github.multiprom.merge;

import java.util.Locale;

/** In what the workers of a rolling deploy can disagree about one family. Immutable. */
enum ConflictKind {
  /** Another type, or another family that exposes the same sample name: left out. */
  TYPE,
  /** Another help text: that of the newest is shown. */
  HELP,
  /** Other label names: left out. */
  LABELS,
  /** Another gauge mode: the newest is applied to all. */
  MODE,
  /** Other bucket bounds: counts move to the newest bounds. */
  BUCKETS,
  /** Another unit: that of the newest is shown. */
  UNIT;

  /** The value of the label {@code kind}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
