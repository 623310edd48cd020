package io.github.multiprom.statsd;

/**
 * Where the values of equal lines go: to a series, or nowhere. Guarded by the {@link
 * DatagramReader}.
 */
final class Target {
  final byte[] key;
  final long hash;
  final int nameLength;
  final int typeLength;
  final boolean hasTags;

  /** Null if the lines are refused or passed over. */
  BridgedSeries series;

  /** Why the lines are refused; null if they are not. */
  Refusal refusal;

  /** As what the lines are passed over; null if they are not. */
  PassedOver passedOver;

  StatsdType type;

  /** What a value is divided by: milliseconds become seconds. */
  double divisor = 1;

  /** What a value is multiplied with then. */
  double scale = 1;

  /** Tags of each line that are left out. */
  int tagErrors;

  /** Whether there is a mapping, and no rule of it fits. */
  boolean unmapped;

  /** With how many removed series before it was found; see {@link #isOutdated}. */
  private long removals;

  private boolean dependsOnOthers;

  Target(RawKey raw, long hash) {
    key = raw.copy();
    this.hash = hash;
    nameLength = raw.nameEnd - raw.nameStart;
    typeLength = raw.typeEnd - raw.typeStart;
    hasTags = raw.tagsStart != RawKey.NONE;
  }

  /** Notes that it may be another one when series were removed, as of a family that is full. */
  void dependOn(long removalsBefore) {
    removals = removalsBefore;
    dependsOnOthers = true;
  }

  /**
   * Whether it must be found anew.
   *
   * @param removalsBefore how many series were removed by now
   */
  boolean isOutdated(long removalsBefore) {
    return isGone() || (dependsOnOthers && removals != removalsBefore);
  }

  /** Whether its series was removed. */
  boolean isGone() {
    return series != null && series.removed;
  }
}
