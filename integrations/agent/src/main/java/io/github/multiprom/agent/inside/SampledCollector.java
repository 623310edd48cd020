package io.github.multiprom.agent.inside;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A collector or a registry of the application, of whatever version of simpleclient, as a collector
 * of the agent's. Keeps neither it nor its class loader.
 */
final class SampledCollector extends Collector {
  private final WeakReference<Object> collector;
  private final WeakReference<Adapter> adapter;
  private final CollectorRegistry sampling;
  private final Set<String> plainCounters;
  private final AtomicBoolean isGone = new AtomicBoolean();

  /**
   * Samples what a collector or a registry gives.
   *
   * @param sampling where this is registered, until the application lets go of it
   * @param plainCounters takes the names of counters that have no {@code _total}
   */
  SampledCollector(
      Object collector, Adapter adapter, CollectorRegistry sampling, Set<String> plainCounters) {
    this.collector = new WeakReference<>(collector);
    this.adapter = new WeakReference<>(adapter);
    this.sampling = sampling;
    this.plainCounters = plainCounters;
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Object asked = collector.get();
    Adapter hands = adapter.get();
    if (asked == null || hands == null) {
      if (isGone.compareAndSet(false, true)) {
        // So that another one may give what it gave.
        sampling.unregister(this);
      }
      return List.of();
    }
    List<MetricFamilySamples> families = new ArrayList<>();
    for (Object[] each : collect(asked, hands)) {
      String name = (String) each[0];
      if (each[1].equals("COUNTER") && !name.endsWith("_total")) {
        plainCounters.add(name);
      }
      MetricFamilySamples family = Rows.family(each);
      if (Claims.APPLICATION.has(family.name)) {
        families.add(family);
      }
    }
    return families;
  }

  /** With the class loader that it finds, as a rule, where the application asks it. */
  private static List<Object[]> collect(Object asked, Adapter hands) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(asked.getClass().getClassLoader());
      return hands.collect(asked);
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
