package io.github.multiprom.store;

import static io.github.multiprom.store.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.store.WorkerFileLayout.GAUGE_SET_TIME_CELL;
import static io.github.multiprom.store.WorkerFileLayout.GAUGE_VALUE_CELL;

import io.github.multiprom.model.GaugeFold;
import io.github.multiprom.store.WorkerFile.SeriesPlace;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** A gauge in the shared lane. Thread-safe. */
final class SharedGauge implements GaugeCell {
  // Little-endian.
  private final ByteBuffer cells;
  private final int valueOffset;
  private final int setTimeOffset;
  private final boolean timesEverySet;

  SharedGauge(SeriesPlace place) {
    cells = place.page().shared;
    valueOffset = place.offset() + GAUGE_VALUE_CELL * CELL_LENGTH;
    setTimeOffset = place.offset() + GAUGE_SET_TIME_CELL * CELL_LENGTH;
    timesEverySet = place.family().fold() == GaugeFold.MOSTRECENT;
  }

  @Override
  public void set(double value) {
    set(valueOffset, value);
    noteSet();
  }

  @Override
  public void add(double amount) {
    SharedCells.add(cells, valueOffset, amount);
    noteSet();
  }

  @Override
  public void restore(double value, double setTimeMicros) {
    set(valueOffset, value);
    set(setTimeOffset, setTimeMicros);
  }

  /** The value first: a reader that sees that the gauge was set must not find the 0 from before. */
  private void noteSet() {
    if (timesEverySet || get(setTimeOffset) == 0) {
      double nowMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
      set(setTimeOffset, nowMicros);
    }
  }

  @Override
  public double get() {
    return get(valueOffset);
  }

  @Override
  public double setTimeMicros() {
    return get(setTimeOffset);
  }

  // Aligned: one load, one store.
  private double get(int offset) {
    VarHandle.acquireFence();
    return cells.getDouble(offset);
  }

  private void set(int offset, double value) {
    VarHandle.releaseFence();
    cells.putDouble(offset, value);
    VarHandle.fullFence();
  }
}
