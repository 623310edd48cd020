package io.github.multiprom.agent.inside;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.Collector.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/** Families as they cross from one simpleclient to another: see {@code MultipromAdapter}. */
final class Rows {
  private Rows() {}

  static MetricFamilySamples family(Object[] row) {
    List<Sample> samples = new ArrayList<>();
    for (Object each : (List<?>) row[3]) {
      Object[] sample = (Object[]) each;
      samples.add(
          new Sample(
              (String) sample[0], strings(sample[1]), strings(sample[2]), (Double) sample[3]));
    }
    return new MetricFamilySamples(
        (String) row[0], type((String) row[1]), (String) row[2], samples);
  }

  private static Type type(String name) {
    return name.equals("UNTYPED") ? Type.UNKNOWN : Type.valueOf(name);
  }

  @SuppressWarnings("unchecked") // What the adapter gives.
  private static List<String> strings(Object list) {
    return (List<String>) list;
  }

  static List<Object[]> of(Enumeration<MetricFamilySamples> families) {
    List<Object[]> rows = new ArrayList<>();
    for (MetricFamilySamples family : Collections.list(families)) {
      List<Object[]> samples = new ArrayList<>(family.samples.size());
      for (Sample sample : family.samples) {
        samples.add(
            new Object[] {sample.name, sample.labelNames, sample.labelValues, sample.value});
      }
      rows.add(new Object[] {family.name, family.type.name(), family.help, samples});
    }
    return rows;
  }
}
