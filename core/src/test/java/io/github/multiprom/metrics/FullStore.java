package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.CounterCell;
import io.github.multiprom.internal.cell.DistributionCells;
import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.file.ExemplarSlots;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.internal.worker.MappedIncarnation;
import io.github.multiprom.internal.worker.StoreOptions;
import io.github.multiprom.model.FamilyDescriptor;
import io.github.multiprom.model.Incarnation;
import io.github.multiprom.model.WorkerInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** An incarnation in a directory that never has space for a series. */
final class FullStore implements IncarnationWriter {
  private final MappedIncarnation incarnation;

  FullStore(Path directory, StoreOptions options, Collection<Incarnation> predecessors)
      throws IOException {
    incarnation = MappedIncarnation.inDirectory(directory, options, predecessors);
  }

  @Override
  public WorkerInfo info() {
    return incarnation.info();
  }

  @Override
  public int addFamily(FamilyDescriptor family) throws IOException {
    return incarnation.addFamily(family);
  }

  @Override
  public int addSeries(int family, List<String> labelValues, long createdNanos, double[] value)
      throws IOException {
    throw new IOException("full");
  }

  @Override
  public CounterCell counter(int series) {
    return incarnation.counter(series);
  }

  @Override
  public GaugeCell gauge(int series) {
    return incarnation.gauge(series);
  }

  @Override
  public DistributionCells distribution(int series) {
    return incarnation.distribution(series);
  }

  @Override
  public ExemplarSlots exemplars(int series, int slotCount, int slotLength) throws IOException {
    return incarnation.exemplars(series, slotCount, slotLength);
  }

  @Override
  public void remove(int series, long removedNanos) throws IOException {
    throw new IOException("full");
  }

  @Override
  public void beat(long nowNanos) {
    incarnation.beat(nowNanos);
  }

  @Override
  public boolean needsSpace() {
    return false;
  }

  @Override
  public boolean isReachable() {
    return incarnation.isReachable();
  }

  @Override
  public long length() {
    return incarnation.length();
  }

  @Override
  public void deleteIfUnreadable() throws IOException {
    incarnation.deleteIfUnreadable();
  }

  @Override
  public void noteSample(long nowNanos) {}

  @Override
  public void notePort(int port) {}

  @Override
  public void noteSpace() {}

  @Override
  public void markExit(long nowNanos) {
    incarnation.markExit(nowNanos);
  }

  @Override
  public void close() {
    incarnation.close();
  }
}
