package io.prometheus.client;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/**
 * The agent's hands in the package of an application's simpleclient, of any version from 0.0.26 on.
 * Thread-safe. A family's samples cross over as {@code {name, type, help, samples}}, and a sample
 * as {@code {name, label names, label values, value}}.
 */
public final class MultipromAdapter {
  private static final String TOTAL = "_total";

  /** Whether counters end with {@code _total} by themselves, as since 0.10. */
  private static final boolean HAS_OPENMETRICS = has("UNKNOWN");

  private MultipromAdapter() {}

  private static boolean has(String type) {
    try {
      Collector.Type.valueOf(type);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** Whether a registry is that of the library. */
  public static boolean isDefault(Object registry) {
    return registry == CollectorRegistry.defaultRegistry;
  }

  /**
   * What a family is: {@code {type, name, help, unit, label names}}; null for a collector of
   * another kind.
   */
  public static Object[] describe(Object collector) throws ReflectiveOperationException {
    String type = typeOf(collector);
    if (type == null) {
      return null;
    }
    SimpleCollector<?> family = (SimpleCollector<?>) collector;
    String unit = HAS_OPENMETRICS ? (String) field(SimpleCollector.class, "unit").get(family) : "";
    return new Object[] {
      type, family.fullname, family.help, unit, family.labelNames.toArray(new String[0])
    };
  }

  private static String typeOf(Object collector) {
    Class<?> type = collector.getClass();
    if (type == Counter.class) {
      return "counter";
    } else if (type == Gauge.class) {
      return "gauge";
    } else if (type == Histogram.class) {
      return "histogram";
    }
    return type == Summary.class ? "summary" : null;
  }

  /** The upper bounds of a histogram, +Inf included. */
  public static double[] bounds(Object histogram) throws ReflectiveOperationException {
    return (double[]) field(Histogram.class, "buckets").get(histogram);
  }

  /** Whether a child is one that the library made, and not of a class of the application's own. */
  public static boolean isPlain(Object child) {
    Class<?> type = child.getClass();
    return type == Counter.Child.class
        || type == Gauge.Child.class
        || type == Histogram.Child.class
        || type == Summary.Child.class;
  }

  /** The children of a family, each behind its label values. */
  public static List<Object[]> children(Object family) {
    List<Object[]> children = new ArrayList<>();
    for (Map.Entry<? extends List<String>, ?> child :
        ((SimpleCollector<?>) family).children.entrySet()) {
      children.add(new Object[] {child.getKey().toArray(new String[0]), child.getValue()});
    }
    return children;
  }

  /** The number of a counter or gauge, of whatever class. */
  public static double get(Object child) {
    return child instanceof Gauge.Child gauge ? gauge.get() : ((Counter.Child) child).get();
  }

  /* Linking: first an adder is told to count elsewhere, and then what it holds is taken out of it.
   *
   * So it may be repeated, and finds what a thread added that had looked for a link just before
   * there was one. One child at a time, as two threads may link the same one.
   */

  /** Has a counter count elsewhere. Returns what it has counted that was not taken yet. */
  public static synchronized double linkCounter(
      Object counter, DoubleConsumer add, DoubleSupplier sum) throws ReflectiveOperationException {
    DoubleAdder value = adder(counter, "value");
    field(DoubleAdder.class, "multiprom$add").set(value, add);
    field(DoubleAdder.class, "multiprom$sum").set(value, sum);
    return take(value);
  }

  /** Has a gauge set elsewhere. Returns its value so far. */
  public static synchronized double linkGauge(
      Object gauge, DoubleConsumer add, DoubleSupplier value, DoubleConsumer set)
      throws ReflectiveOperationException {
    field(Gauge.Child.class, "multiprom$set").set(gauge, set);
    return linkCounter(gauge, add, value);
  }

  /** What a child was given to ask for its value, or its sum; null if it is not linked. */
  public static Object linkOf(Object child) throws ReflectiveOperationException {
    boolean hasValue = child instanceof Counter.Child || child instanceof Gauge.Child;
    return field(DoubleAdder.class, "multiprom$sum").get(adder(child, hasValue ? "value" : "sum"));
  }

  /**
   * Has a summary observe elsewhere.
   *
   * @return the sum and the number of observations that were not taken yet
   */
  public static synchronized double[] linkSummary(
      Object summary, DoubleConsumer observe, DoubleSupplier sum, DoubleSupplier count)
      throws ReflectiveOperationException {
    DoubleAdder ownSum = adder(summary, "sum");
    DoubleAdder ownCount = adder(summary, "count");
    Field link = field(DoubleAdder.class, "multiprom$sum");
    field(Summary.Child.class, "multiprom$observe").set(summary, observe);
    link.set(ownSum, sum);
    link.set(ownCount, count);
    double[] before = {take(ownSum), take(ownCount)};
    return before;
  }

  /**
   * Has a histogram observe elsewhere.
   *
   * @param buckets the numbers of observations, not cumulative
   * @return the sum, and the number of observations in each bucket, that were not taken yet
   */
  public static synchronized double[] linkHistogram(
      Object histogram, DoubleConsumer observe, DoubleSupplier sum, DoubleSupplier[] buckets)
      throws ReflectiveOperationException {
    DoubleAdder ownSum = adder(histogram, "sum");
    DoubleAdder[] own = buckets(histogram);
    if (own.length != buckets.length) {
      throw new IllegalStateException(own.length + " buckets, and not " + buckets.length);
    }
    Field link = field(DoubleAdder.class, "multiprom$sum");
    field(Histogram.Child.class, "multiprom$observe").set(histogram, observe);
    link.set(ownSum, sum);
    double[] before = new double[1 + own.length];
    before[0] = take(ownSum);
    for (int i = 0; i < own.length; i++) {
      link.set(own[i], buckets[i]);
      before[1 + i] = take(own[i]);
    }
    return before;
  }

  /**
   * Takes what a linked child has counted itself and was not taken yet.
   *
   * @return the value of a counter or gauge; sum and number of observations; sum and buckets
   */
  public static synchronized double[] take(Object child) throws ReflectiveOperationException {
    if (child instanceof Counter.Child || child instanceof Gauge.Child) {
      return new double[] {take(adder(child, "value"))};
    }
    DoubleAdder sum = adder(child, "sum");
    if (child instanceof Summary.Child) {
      return new double[] {take(sum), take(adder(child, "count"))};
    }
    DoubleAdder[] buckets = buckets(child);
    double[] taken = new double[1 + buckets.length];
    taken[0] = take(sum);
    for (int i = 0; i < buckets.length; i++) {
      taken[1 + i] = take(buckets[i]);
    }
    return taken;
  }

  /** Takes out what an adder, which may be linked, holds itself. */
  private static double take(DoubleAdder adder) {
    // What others add from here on goes elsewhere.
    VarHandle.fullFence();
    double sum = Double.longBitsToDouble(adder.base);
    var cells = adder.cells;
    if (cells != null) {
      for (var cell : cells) {
        sum += cell == null ? 0 : Double.longBitsToDouble(cell.value);
      }
    }
    if (!Double.isFinite(sum)) {
      adder.reset();
    } else if (sum != 0) {
      long base;
      do {
        base = adder.base;
      } while (!adder.casBase(
          base, Double.doubleToRawLongBits(Double.longBitsToDouble(base) - sum)));
    }
    return sum;
  }

  private static DoubleAdder[] buckets(Object histogram) throws ReflectiveOperationException {
    // In spite of their name they are not cumulative.
    return (DoubleAdder[]) field(Histogram.Child.class, "cumulativeCounts").get(histogram);
  }

  private static DoubleAdder adder(Object child, String name) throws ReflectiveOperationException {
    return (DoubleAdder) field(child.getClass(), name).get(child);
  }

  private static Field field(Class<?> type, String name) throws NoSuchFieldException {
    Field field = type.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  /** The samples of a collector or a registry of the application. */
  public static List<Object[]> collect(Object source) {
    List<Object[]> families = new ArrayList<>();
    List<MetricFamilySamples> all =
        source instanceof CollectorRegistry registry
            ? Collections.list(registry.metricFamilySamples())
            : ((Collector) source).collect();
    for (MetricFamilySamples family : all) {
      List<Object[]> samples = new ArrayList<>(family.samples.size());
      for (Sample sample : family.samples) {
        samples.add(
            new Object[] {sample.name, sample.labelNames, sample.labelValues, sample.value});
      }
      families.add(new Object[] {family.name, family.type.name(), family.help, samples});
    }
    return families;
  }

  /**
   * Samples as a registry gives them.
   *
   * @param families in the types of 0.16
   * @param plain the counters that the application named without {@code _total}
   * @param filter names of samples, a predicate of them, or null for all
   */
  public static Enumeration<?> samples(List<Object[]> families, Set<String> plain, Object filter) {
    List<MetricFamilySamples> shown = new ArrayList<>();
    for (Object[] family : families) {
      List<Sample> samples = new ArrayList<>();
      String name = (String) family[0];
      boolean isCounter = family[1].equals("COUNTER");
      boolean isPlain = !HAS_OPENMETRICS && isCounter && plain.contains(name);
      for (Object each : (List<?>) family[3]) {
        Object[] sample = (Object[]) each;
        String sampleName = (String) sample[0];
        if (isPlain && sampleName.equals(name + TOTAL)) {
          sampleName = name;
        }
        boolean isKnown = HAS_OPENMETRICS || !sampleName.equals(name + "_created");
        if (isKnown && (filter == null || accepts(filter, sampleName))) {
          samples.add(
              new Sample(sampleName, strings(sample[1]), strings(sample[2]), (Double) sample[3]));
        }
      }
      if (!samples.isEmpty()) {
        shown.add(
            new MetricFamilySamples(
                HAS_OPENMETRICS || !isCounter || isPlain ? name : name + TOTAL,
                type((String) family[1]),
                (String) family[2],
                samples));
      }
    }
    return Collections.enumeration(shown);
  }

  private static Collector.Type type(String name) {
    if (has(name)) {
      return Collector.Type.valueOf(name);
    }
    return name.equals("UNKNOWN") ? Collector.Type.valueOf("UNTYPED") : Collector.Type.GAUGE;
  }

  private static boolean accepts(Object filter, String name) {
    if (filter instanceof Set<?> names) {
      return names.isEmpty() || names.contains(name);
    }
    return acceptedBy(filter, name);
  }

  /** In a method of its own: the type is there since 0.11. */
  @SuppressWarnings("unchecked") // What the library says of it.
  private static boolean acceptedBy(Object filter, String name) {
    return ((Predicate<String>) filter).test(name);
  }

  @SuppressWarnings("unchecked") // What the agent gives.
  private static List<String> strings(Object list) {
    return (List<String>) list;
  }
}
