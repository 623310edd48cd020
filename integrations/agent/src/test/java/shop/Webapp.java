package shop;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.Summary;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** An application that a container may load more than once. */
public final class Webapp {
  /** A thread's child of its own, again and again. */
  private static final int ROUNDS_PER_CHILD = 200;

  private static Counter requests;

  private Webapp() {}

  /** Does what it is told; what it says is for a person. */
  public static String ask(String command, String argument) throws InterruptedException {
    return switch (command) {
      case "register" -> {
        requests = Counter.build("web_requests_total", "R").labelNames("path").register();
        yield "";
      }
      case "count" -> {
        requests.labels(argument.isEmpty() ? "/" : argument).inc();
        yield "";
      }
      case "get" -> "" + requests.labels("/").get();
      case "clear" -> {
        requests.clear();
        yield "";
      }
      case "undeploy" -> {
        CollectorRegistry.defaultRegistry.clear();
        yield "";
      }
      case "collector" -> {
        new Custom(Double.parseDouble(argument)).register();
        yield "";
      }
      case "child" -> {
        Gauge own = Gauge.build("web_own", "O").register();
        own.setChild(new OwnChild(Double.parseDouble(argument)));
        yield "";
      }
      case "again" -> again();
      case "infinite" -> {
        infinite();
        yield "";
      }
      case "plain" -> plainAfterOwn();
      case "race" -> "" + race(argument);
      default -> scrape(argument);
    };
  }

  /** A gauge whose class is the application's. */
  private static final class OwnChild extends Gauge.Child {
    private final double value;

    OwnChild(double value) {
      this.value = value;
    }

    @Override
    public double get() {
      return value;
    }
  }

  private static final class Custom extends Collector {
    private final double value;

    Custom(double value) {
      this.value = value;
    }

    @Override
    public List<MetricFamilySamples> collect() {
      // As one that finds its classes by the thread.
      boolean isFound =
          Thread.currentThread().getContextClassLoader() == Webapp.class.getClassLoader();
      List<String> none = Collections.emptyList();
      MetricFamilySamples.Sample sample =
          new MetricFamilySamples.Sample("web_custom", none, none, isFound ? value : -1);
      return Collections.singletonList(
          new MetricFamilySamples(
              "web_custom", Type.GAUGE, "C", Collections.singletonList(sample)));
    }
  }

  /** Of families that are unregistered, and registered again. */
  private static String again() {
    Counter counter = Counter.build("again_total", "A").register();
    Gauge gauge = Gauge.build("again_level", "A").register();
    Histogram histogram = Histogram.build("again_seconds", "A").buckets(1).register();
    counter.inc(5);
    gauge.set(5);
    histogram.observe(0.5);
    for (Collector family : new Collector[] {counter, gauge, histogram}) {
      CollectorRegistry.defaultRegistry.unregister(family);
      CollectorRegistry.defaultRegistry.register(family);
    }
    counter.inc();
    gauge.inc();
    histogram.observe(2);
    return counter.get() + " " + gauge.get() + " " + histogram.labels().get().sum;
  }

  private static void infinite() {
    Histogram histogram = Histogram.build("infinite_seconds", "I").buckets(1).create();
    Summary summary = Summary.build("infinite_bytes", "I").create();
    histogram.observe(Double.NaN);
    summary.observe(Double.POSITIVE_INFINITY);
    histogram.register();
    summary.register();
    histogram.observe(1);
    summary.observe(1);
  }

  private static String plainAfterOwn() {
    Gauge gauge = Gauge.build("web_plain", "P").register();
    gauge.setChild(new OwnChild(7));
    Gauge.Child plain = new Gauge.Child();
    gauge.setChild(plain);
    plain.set(3);
    return "" + plain.get();
  }

  /** Registers a family while threads count in it and make children, and returns what they did. */
  private static double race(String number) throws InterruptedException {
    Counter counter = Counter.build("race_" + number + "_total", "R").labelNames("a").create();
    Counter.Child shared = counter.labels("shared");
    AtomicBoolean stop = new AtomicBoolean();
    LongAdder counted = new LongAdder();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      boolean makes = t == 0;
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; !stop.get(); i++) {
                  Counter.Child child = shared;
                  if (makes) {
                    child = counter.labels("" + i % 50_000 / ROUNDS_PER_CHILD);
                  }
                  child.inc();
                  counted.increment();
                }
              }));
    }
    threads.forEach(Thread::start);
    while (shared.get() < 20_000) {
      Thread.yield();
    }
    counter.register();
    while (counted.sum() < 100_000) {
      Thread.yield();
    }
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    return counted.sum();
  }

  private static String scrape(String beginning) {
    StringBuilder text = new StringBuilder();
    for (Collector.MetricFamilySamples family :
        Collections.list(CollectorRegistry.defaultRegistry.metricFamilySamples())) {
      for (Collector.MetricFamilySamples.Sample sample : family.samples) {
        if (sample.name.startsWith(beginning) && !sample.name.endsWith("_created")) {
          text.append(sample.name).append(sample.labelValues).append(' ').append(sample.value);
          text.append('\n');
        }
      }
    }
    return text.toString();
  }
}
