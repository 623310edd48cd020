package io.github.multiprom.internal.cell;

import static io.github.multiprom.internal.file.WorkerFileLayout.CELL_LENGTH;
import static io.github.multiprom.model.SeriesLayout.SET_TIME_CELL;
import static io.github.multiprom.model.SeriesLayout.VALUE_CELL;

import io.github.multiprom.internal.file.WorkerFile.SeriesPlace;
import io.github.multiprom.model.EpochClock;
import io.github.multiprom.model.GaugeFold;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;

/** A gauge in the shared lane. Thread-safe. */
public final class GaugeCells implements GaugeCell {
  // Little-endian.
  private final ByteBuffer bytes;
  private final DoubleBuffer cells;
  private final int valueCell;
  private final int setTimeCell;
  private final boolean timesEverySet;

  public GaugeCells(SeriesPlace place) {
    bytes = place.page().shared;
    cells = place.sharedCells();
    valueCell = place.firstCell() + VALUE_CELL;
    setTimeCell = place.firstCell() + SET_TIME_CELL;
    timesEverySet = place.family().fold() == GaugeFold.MOSTRECENT;
  }

  @Override
  public void set(double value) {
    Cells.putOrdered(cells, valueCell, value);
    noteSet();
  }

  @Override
  public void add(double amount) {
    SharedCells.add(bytes, valueCell * CELL_LENGTH, amount);
    noteSet();
  }

  @Override
  public void restore(double value, double setTimeMicros) {
    Cells.putOrdered(cells, valueCell, value);
    Cells.putOrdered(cells, setTimeCell, setTimeMicros);
  }

  /** After the value: a reader that sees that the gauge was set must not find the 0 from before. */
  private void noteSet() {
    if (timesEverySet || cells.get(setTimeCell) <= 0) {
      Cells.putOrdered(cells, setTimeCell, (double) EpochClock.quickMicros());
    }
  }

  @Override
  public double get() {
    return Cells.getOrdered(cells, valueCell);
  }

  @Override
  public double setTimeMicros() {
    return Cells.getOrdered(cells, setTimeCell);
  }
}
