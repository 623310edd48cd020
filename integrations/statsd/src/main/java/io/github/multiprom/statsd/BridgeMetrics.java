package io.github.multiprom.statsd;

import io.github.multiprom.metrics.Counter;
import io.github.multiprom.metrics.Gauge;
import io.github.multiprom.metrics.GaugeMode;
import io.github.multiprom.metrics.Worker;
import java.util.EnumMap;
import java.util.Map;

/** What the bridge counts about itself. Thread-safe. */
final class BridgeMetrics {
  private static final String PREFIX = "multiprom_statsd_";

  private final Worker worker;
  private final Counter datagrams;
  private final Counter lines;
  private final Counter unmapped;
  private final Counter tagErrors;
  private final Counter clears;
  private final Map<StatsdType, Counter.Child> samples = new EnumMap<>(StatsdType.class);
  private final Map<Refusal, Counter.Child> refused = new EnumMap<>(Refusal.class);
  private final Map<PassedOver, Counter.Child> passedOver = new EnumMap<>(PassedOver.class);
  private final Counter reloads;
  private final Gauge series;
  private final Gauge families;
  private final Gauge keys;
  private final Gauge kernelDropped;

  // The chores' alone.
  private long countedClears;

  BridgeMetrics(Worker worker) {
    this.worker = worker;
    datagrams = counter("datagrams", "Datagrams that were read.");
    lines = counter("lines", "Lines of datagrams, without empty ones.");
    unmapped = counter("unmapped", "Values that no rule of the mapping is for.");
    tagErrors = counter("tag_errors", "Tags without a name or a value, which were left out.");
    clears = counter("cache_clears", "How often all known lines were forgotten to make room.");
    Counter bySamples = counter("samples", "Values that were counted.", "type");
    for (StatsdType type : StatsdType.values()) {
      samples.put(type, bySamples.labels(type.code()));
    }
    Counter byReason =
        counter("line_errors", "Lines, or parts of them, that were refused.", "reason");
    for (Refusal refusal : Refusal.values()) {
      refused.put(refusal, byReason.labels(refusal.label()));
    }
    Counter byKind = counter("passed_over", "What was understood and not counted.", "kind");
    for (PassedOver kind : PassedOver.values()) {
      passedOver.put(kind, byKind.labels(kind.label()));
    }
    reloads = counter("mapping_reloads", "Changes of the mapping file.", "result");
    series = gauge("series", "Series of the bridge.");
    families = gauge("families", "Lists of label names of the bridge, by name and type.");
    keys = gauge("cached_keys", "Names with type and tags that are known.");
    kernelDropped =
        gauge("kernel_dropped", "Datagrams that the kernel dropped at a socket.", "socket");
  }

  private Counter counter(String name, String help, String... labelNames) {
    return Counter.build(PREFIX + name, help).labelNames(labelNames).worker(worker).create();
  }

  private Gauge gauge(String name, String help, String... labelNames) {
    return Gauge.build(PREFIX + name, help)
        .labelNames(labelNames)
        .mode(GaugeMode.LIVEMOSTRECENT)
        .worker(worker)
        .create();
  }

  /** Counts a datagram of so many lines. */
  void count(int lineCount) {
    datagrams.inc();
    lines.inc(lineCount);
  }

  /** Counts a value that a series took. */
  void took(StatsdType type, boolean isUnmapped) {
    samples.get(type).inc();
    if (isUnmapped) {
      unmapped.inc();
    }
  }

  void refuse(Refusal refusal) {
    refused.get(refusal).inc();
  }

  void passOver(PassedOver kind) {
    passedOver.get(kind).inc();
  }

  void tagErrors(int count) {
    tagErrors.inc(count);
  }

  void reloaded(boolean isRight) {
    reloads.labels(isRight ? "success" : "failure").inc();
  }

  /** Tells how much there is by now. */
  void report(int seriesCount, int familyCount, int keyCount, long clearCount) {
    series.set(seriesCount);
    families.set(familyCount);
    keys.set(keyCount);
    clears.inc((double) (clearCount - countedClears));
    countedClears = clearCount;
  }

  /** Tells what the kernel dropped at a socket so far. */
  void kernelDropped(String socket, long count) {
    kernelDropped.labels(socket).set((double) count);
  }
}
