package io.github.multiprom.agent.inside;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.function.DoubleSupplier;

/**
 * The class {@code MultipromAdapter} in the package of an application's simpleclient. Thread-safe.
 * What the application throws comes through as it is, if it is not checked.
 */
final class Adapter {
  private final Map<String, Method> methods = new HashMap<>();

  Adapter(Class<?> type) {
    for (Method method : type.getMethods()) {
      if (method.getDeclaringClass() == type) {
        method.setAccessible(true);
        methods.put(method.getName(), method);
      }
    }
  }

  private Object call(String name, Object... arguments) {
    try {
      return methods.get(name).invoke(null, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException unchecked) {
        throw unchecked;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  boolean isDefault(Object registry) {
    return (Boolean) call("isDefault", registry);
  }

  /** Null for what is not one of the four families. */
  Description describe(Object collector) {
    Object[] found = (Object[]) call("describe", collector);
    return found == null
        ? null
        : new Description(
            (String) found[0],
            (String) found[1],
            (String) found[2],
            (String) found[3],
            (String[]) found[4]);
  }

  double[] bounds(Object histogram) {
    return (double[]) call("bounds", histogram);
  }

  boolean isPlain(Object child) {
    return (Boolean) call("isPlain", child);
  }

  @SuppressWarnings("unchecked") // What the adapter says.
  List<Object[]> children(Object family) {
    return (List<Object[]>) call("children", family);
  }

  double get(Object child) {
    return (Double) call("get", child);
  }

  double linkCounter(Object child, DoubleConsumer add, DoubleSupplier sum) {
    return (Double) call("linkCounter", child, add, sum);
  }

  double linkGauge(Object child, DoubleConsumer add, DoubleSupplier value, DoubleConsumer set) {
    return (Double) call("linkGauge", child, add, value, set);
  }

  /** What a child was given to ask for its value, or its sum; null if it is not linked. */
  Object linkOf(Object child) {
    return call("linkOf", child);
  }

  /** What a linked child has counted itself and was not taken yet: value, or sum and counts. */
  double[] take(Object child) {
    return (double[]) call("take", child);
  }

  double[] linkSummary(
      Object child, DoubleConsumer observe, DoubleSupplier sum, DoubleSupplier count) {
    return (double[]) call("linkSummary", child, observe, sum, count);
  }

  double[] linkHistogram(
      Object child, DoubleConsumer observe, DoubleSupplier sum, DoubleSupplier[] buckets) {
    return (double[]) call("linkHistogram", child, observe, sum, buckets);
  }

  @SuppressWarnings("unchecked") // What the adapter says.
  List<Object[]> collect(Object collector) {
    return (List<Object[]>) call("collect", collector);
  }

  Enumeration<?> samples(List<Object[]> families, Set<String> plain, Object filter) {
    return (Enumeration<?>) call("samples", families, plain, filter);
  }
}
