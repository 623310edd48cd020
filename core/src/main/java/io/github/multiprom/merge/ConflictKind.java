package io.github.multiprom.merge;

import java.util.Locale;

/** In what the workers of a rolling deploy can disagree about one family. Immutable. */
enum ConflictKind {
  /** Another type, or another family that exposes the same sample name: left out. */
  TYPE,
  /** Another help text: that of the newest live worker is shown. */
  HELP,
  /** Other label names: shown side by side. */
  LABELS,
  /** Another gauge mode: that of most live workers is applied. */
  MODE,
  /** Other bucket bounds: the union is shown. */
  BUCKETS,
  /** Another unit: that of the newest live worker is shown. */
  UNIT;

  /** The value of the label {@code kind}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
