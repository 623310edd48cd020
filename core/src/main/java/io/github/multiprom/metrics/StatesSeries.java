package io.github.multiprom.metrics;

import io.github.multiprom.model.StateBits;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.util.List;

/**
 * A child of which the value says which states are true. Each state is a sample. As {@link Series}.
 */
abstract class StatesSeries extends GaugeSeries {
  final List<String> states;

  StatesSeries(MetricFamily family, String[] labelValues, long createdNanos) {
    super(family, labelValues, createdNanos);
    states = family.descriptor.states();
  }

  /**
   * The index of a state.
   *
   * @throws IllegalArgumentException if there is no such state
   */
  final int index(String state) {
    int index = state == null ? -1 : states.indexOf(state);
    if (index < 0) {
      throw new IllegalArgumentException("Unknown state " + state);
    }
    return index;
  }

  @Override
  final void addSamples(List<Sample> samples) {
    String name = family.descriptor.name();
    List<String> labelNames = append(family.descriptor.labelNames(), name);
    double own = cell.get();
    for (int i = 0; i < states.size(); i++) {
      samples.add(
          new Sample(
              name,
              labelNames,
              append(labelValues(), states.get(i)),
              StateBits.contains(own, i) ? 1 : 0));
    }
  }
}
