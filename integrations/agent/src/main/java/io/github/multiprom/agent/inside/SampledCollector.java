package io.github.multiprom.agent.inside;

import io.prometheus.client.Collector;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * A collector or a registry of the application, of whatever version of simpleclient, as a collector
 * of the agent's. Keeps neither it nor its class loader.
 */
final class SampledCollector extends Collector {
  private final WeakReference<Object> collector;
  private final WeakReference<Adapter> adapter;

  SampledCollector(Object collector, Adapter adapter) {
    this.collector = new WeakReference<>(collector);
    this.adapter = new WeakReference<>(adapter);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Object asked = collector.get();
    Adapter hands = adapter.get();
    if (asked == null || hands == null) {
      return List.of();
    }
    List<MetricFamilySamples> families = new ArrayList<>();
    for (Object[] each : hands.collect(asked)) {
      MetricFamilySamples family = Rows.family(each);
      if (Claims.APPLICATION.has(family.name)) {
        families.add(family);
      }
    }
    return families;
  }
}
