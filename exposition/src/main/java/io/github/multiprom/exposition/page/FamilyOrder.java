package io.github.multiprom.exposition.page;

import io.github.multiprom.merge.FamilyStatus;
import java.util.Comparator;
import java.util.Locale;

/** By what families can be sorted: the columns of their table. Immutable. */
enum FamilyOrder {
  NAME("Family", false, Comparator.comparing(family -> family.descriptor().name())),
  TYPE("Type", false, Comparator.comparing(family -> family.descriptor().type())),
  SERIES("Series", true, Comparator.comparingLong(family -> -family.seriesCount())),
  WORKERS("Live workers", true, Comparator.comparingLong(family -> -family.workerCount())),
  CONFLICTS("Conflicts", false, Comparator.comparingLong(family -> -family.conflicts().size()));

  private final String heading;
  private final boolean number;

  @SuppressWarnings("ImmutableEnumChecker") // None of these comparators has a state.
  private final Comparator<FamilyStatus> order;

  FamilyOrder(String heading, boolean number, Comparator<FamilyStatus> order) {
    this.heading = heading;
    this.number = number;
    this.order = order;
  }

  String heading() {
    return heading;
  }

  /** Whether the column has numbers. */
  boolean isNumber() {
    return number;
  }

  /** Whether what is greatest comes first. */
  boolean isDescending() {
    return this != NAME && this != TYPE;
  }

  Comparator<FamilyStatus> order() {
    return order.thenComparing(NAME.order);
  }

  String parameter() {
    return name().toLowerCase(Locale.ROOT);
  }
}
