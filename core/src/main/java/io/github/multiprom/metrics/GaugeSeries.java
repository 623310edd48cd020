package io.github.multiprom.metrics;

import io.github.multiprom.internal.cell.GaugeCell;
import io.github.multiprom.internal.worker.IncarnationWriter;
import io.github.multiprom.model.GaugeFold;
import java.io.IOException;
import java.util.function.Supplier;

/** A child whose value is set: of a gauge, of an info, of an enumeration. As {@link Series}. */
abstract class GaugeSeries extends Series {
  volatile GaugeCell cell;

  GaugeSeries(MetricFamily family, String[] labelValues, long createdNanos) {
    super(family, labelValues, createdNanos);
  }

  /** A child of no family yet. */
  GaugeSeries() {
    cell = new HeapGauge(true);
  }

  @Override
  void attach(IncarnationWriter writer, int series) {
    cell = writer.gauge(series);
  }

  @Override
  void startInMemory() {
    cell = new MovingGauge(0, 0);
  }

  @Override
  void startAlone() {
    cell = new HeapGauge(family.descriptor.fold() == GaugeFold.MOSTRECENT);
  }

  @Override
  void leave() {
    if (!(cell instanceof MovingGauge)) {
      cell = new MovingGauge(cell);
    }
  }

  @Override
  void moveTo(IncarnationWriter writer, Publication publication) throws IOException {
    cell = ((MovingGauge) cell).moveTo(writer, publication);
  }

  @Override
  void join(Supplier<Series> leader) {
    GaugeCell joined =
        new GaugeCell() {
          private GaugeCell cell() {
            return ((GaugeSeries) leader.get()).cell;
          }

          @Override
          public void set(double value) {
            cell().set(value);
          }

          @Override
          public void add(double amount) {
            cell().add(amount);
          }

          @Override
          public void restore(double value, double setTimeMicros) {
            cell().restore(value, setTimeMicros);
          }

          @Override
          public double get() {
            return cell().get();
          }

          @Override
          public double setTimeMicros() {
            return cell().setTimeMicros();
          }
        };
    ((MovingGauge) cell).join(joined);
    cell = joined;
  }

  @Override
  void detach() {
    if (cell instanceof MovingGauge movable) {
      movable.detach();
    } else {
      cell = new MovingGauge(cell.get(), cell.setTimeMicros());
    }
  }

  @Override
  void startAgain() {
    boolean addsUp = family.descriptor.fold() == GaugeFold.SUM && !family.descriptor.liveOnly();
    if (addsUp) {
      // It is in what is shown of others already.
      startInMemory();
    } else {
      detach();
    }
  }
}
