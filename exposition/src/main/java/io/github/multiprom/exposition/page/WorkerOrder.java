package io.github.multiprom.exposition.page;

import io.github.multiprom.merge.WorkerStatus;
import java.util.Comparator;
import java.util.Locale;

/** By what workers can be sorted: the columns of their table. Immutable. */
enum WorkerOrder {
  NAME("Worker", false, Comparator.comparing(WorkerStatus::name)),
  PID("Pid", true, Comparator.comparingLong(worker -> worker.info().pid())),
  HOST("Host", false, Comparator.comparing(worker -> worker.info().host())),
  STATE("State", false, Comparator.comparing(worker -> !worker.live())),
  SINCE("Since", false, Comparator.comparingLong(worker -> -worker.info().createdNanos())),
  SERIES("Series", true, Comparator.comparingLong(worker -> -worker.seriesCount())),
  LANES("Lanes", true, Comparator.comparingLong(worker -> -worker.laneCount())),
  BYTES("Bytes", true, Comparator.comparingLong(worker -> -worker.bytes())),
  PORT("Port", true, Comparator.comparingLong(WorkerStatus::port));

  private final String heading;
  private final boolean number;

  @SuppressWarnings("ImmutableEnumChecker") // None of these comparators has a state.
  private final Comparator<WorkerStatus> order;

  WorkerOrder(String heading, boolean number, Comparator<WorkerStatus> order) {
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

  /** Whether what is greatest, or latest, comes first. */
  boolean isDescending() {
    return this == SINCE || this == SERIES || this == LANES || this == BYTES;
  }

  Comparator<WorkerStatus> order() {
    return order.thenComparing(NAME.order);
  }

  String parameter() {
    return name().toLowerCase(Locale.ROOT);
  }
}
