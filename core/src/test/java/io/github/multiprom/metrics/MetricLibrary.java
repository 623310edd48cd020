package io.github.multiprom.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One of the two libraries, used through its public methods by name: what works here for both is
 * what an application gets that changes its imports.
 */
final class MetricLibrary {
  private final String packageName;
  private final Worker worker;
  final CollectorRegistry registry = new CollectorRegistry(true);

  /** What a case noted, to be compared. */
  final List<String> notes = new ArrayList<>();

  private MetricLibrary(String packageName, Worker worker) {
    this.packageName = packageName;
    this.worker = worker;
  }

  static MetricLibrary simpleclient() {
    return new MetricLibrary("io.prometheus.client", null);
  }

  static MetricLibrary ours(Worker worker) {
    return new MetricLibrary("io.github.multiprom.metrics", worker);
  }

  /** A builder of {@code Counter}, {@code Gauge}, {@code Histogram} or {@code Summary}. */
  Thing build(String type, Object... nameAndHelp) throws Exception {
    Class<?> family = Class.forName(packageName + "." + type);
    Thing builder = new Thing(invoke(family, null, "build", nameAndHelp));
    return worker == null ? builder : builder.call("worker", worker);
  }

  /** A family of that type with a name, a help text and label names, registered. */
  Thing family(String type, String name, String... labelNames) throws Exception {
    return build(type, name, "Help of " + name + ".")
        .call("labelNames", (Object) labelNames)
        .call("register", registry);
  }

  void note(Object value) {
    notes.add(text(value));
  }

  /** Notes what is returned, or thrown. */
  void attempt(Attempt attempt) {
    try {
      note(attempt.run());
    } catch (Exception e) {
      note(e.getClass().getName() + ": " + comparable(e));
    }
  }

  /** The message, where it does not name fields of the library or who was there first. */
  private static String comparable(Exception e) {
    boolean differs = e instanceof NullPointerException || e.getMessage().contains("already");
    return differs ? "" : e.getMessage();
  }

  @FunctionalInterface
  interface Attempt {
    Object run() throws Exception;
  }

  /** An object of the library. */
  record Thing(Object object) {
    Thing call(String method, Object... arguments) throws Exception {
      return new Thing(invoke(object.getClass(), object, method, arguments));
    }

    /** The child with these label values. */
    Thing labels(String... values) throws Exception {
      return call("labels", (Object) values);
    }

    Object field(String name) throws Exception {
      return object.getClass().getField(name).get(object);
    }

    double number() {
      return (double) object;
    }
  }

  private static Object invoke(Class<?> type, Object target, String name, Object... arguments)
      throws Exception {
    for (Method method : type.getMethods()) {
      if (method.getName().equals(name) && accepts(method.getParameterTypes(), arguments)) {
        try {
          return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
          if (e.getCause() instanceof Exception) {
            throw (Exception) e.getCause();
          }
          throw e;
        }
      }
    }
    throw new NoSuchMethodException(type + "." + name + Arrays.toString(arguments));
  }

  private static boolean accepts(Class<?>[] types, Object[] arguments) {
    if (types.length != arguments.length) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      Object boxed = types[i].isPrimitive() ? Array.get(Array.newInstance(types[i], 1), 0) : null;
      Class<?> wanted = boxed == null ? types[i] : boxed.getClass();
      if (arguments[i] != null && !wanted.isInstance(arguments[i])) {
        return false;
      }
    }
    return true;
  }

  private static String text(Object value) {
    if (value instanceof Thing thing) {
      return text(thing.object);
    }
    if (value instanceof double[] numbers) {
      return Arrays.toString(numbers);
    }
    if (value instanceof Collector) {
      // The same object, or an equal family of another one: no difference to a user.
      return "a collector";
    }
    return String.valueOf(value);
  }
}
