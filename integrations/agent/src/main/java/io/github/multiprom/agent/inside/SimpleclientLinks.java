package io.github.multiprom.agent.inside;

import io.github.multiprom.agent.AgentLog;
import io.github.multiprom.agent.AgentOptions;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.metrics.BridgedFamilies;
import io.github.multiprom.metrics.MergedRegistry;
import io.github.multiprom.metrics.Worker;
import io.prometheus.client.Collector;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/**
 * What the simpleclient of one class loader tells the agent: which families are registered, and
 * which children are made. Thread-safe; never throws.
 *
 * <p>A counter, gauge, histogram or summary of a registry that takes part counts in a family of the
 * worker from its registration on. A collector of another kind, and a family that cannot be linked,
 * is sampled. No lock is held while anything of the application is called.
 */
final class SimpleclientLinks implements BiFunction<String, Object[], Object> {
  private static final String OWN_CLASSES = "io.github.multiprom.";

  private final AgentRuntime runtime;
  private final Supplier<Adapter> makeAdapter;
  private volatile Adapter adapter;
  private volatile boolean isBroken;
  // By the application's collectors.
  private final Map<Object, LinkedFamily> linked = Collections.synchronizedMap(new WeakHashMap<>());
  private final Map<Object, Collector> sampled = Collections.synchronizedMap(new WeakHashMap<>());
  // Of registries, the collectors that take part.
  private final Map<Object, Set<Object>> registries =
      Collections.synchronizedMap(new WeakHashMap<>());
  // Registries that Multiprom in the application shows the directory on.
  private final Set<Object> left =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final Set<String> plainCounters = ConcurrentHashMap.newKeySet();
  private MergedRegistry merged;

  SimpleclientLinks(AgentRuntime runtime, Supplier<Adapter> makeAdapter) {
    this.runtime = runtime;
    this.makeAdapter = makeAdapter;
  }

  @Override
  public Object apply(String event, Object[] arguments) {
    if (isBroken) {
      return null;
    }
    StoreLog.hold();
    try {
      return handle(event, arguments);
    } catch (RuntimeException | Error e) {
      StoreLog.warnOnce("agent-link " + event + e, "The agent could not follow simpleclient: " + e);
      return null;
    } finally {
      StoreLog.release();
    }
  }

  private Object handle(String event, Object[] arguments) {
    Object first = arguments[0];
    switch (event) {
      case "made", "set" -> {
        LinkedFamily family = linked.get(first);
        if (family != null) {
          family.link(arguments[1], (String[]) arguments[2]);
        }
      }
      case "remove" -> {
        LinkedFamily family = linked.get(first);
        String[] labelValues = (String[]) arguments[1];
        if (family != null && !runtime.othersIn(family).contains(Arrays.asList(labelValues))) {
          family.family().remove(labelValues);
        }
      }
      case "clear" -> {
        LinkedFamily family = linked.get(first);
        if (family != null) {
          clear(family);
        }
      }
      case "registered" -> registered(first, arguments[1]);
      case "unregistered" -> unregistered(first, arguments[1]);
      case "cleared" -> {
        Set<Object> all = registries.remove(first);
        if (all != null) {
          Set.copyOf(all).forEach(this::release);
        }
      }
      case "samples" -> {
        return samples(first, arguments[1]);
      }
      default -> throw new IllegalArgumentException(event);
    }
    return null;
  }

  private Adapter adapter() {
    Adapter made = adapter;
    if (made == null) {
      synchronized (this) {
        made = adapter;
        if (made == null && !isBroken) {
          try {
            made = makeAdapter.get();
            adapter = made;
          } catch (RuntimeException | Error e) {
            isBroken = true;
            throw e;
          }
        }
      }
    }
    return made;
  }

  private void registered(Object registry, Object collector) {
    Adapter hands = adapter();
    if (!runtime.options().allRegistries() && !hands.isDefault(registry)) {
      return;
    }
    if (collector.getClass().getName().startsWith(OWN_CLASSES)) {
      if (left.add(registry)) {
        AgentLog.write(
            Level.INFO, "The application has Multiprom itself, and the agent leaves it alone");
      }
      return;
    }
    Worker worker = runtime.worker();
    if (worker == null || !add(registry, collector)) {
      return;
    }
    Description what = hands.describe(collector);
    if (what != null && link(collector, what, worker, hands)) {
      return;
    }
    sample(collector, worker, hands);
  }

  private void sample(Object source, Worker worker, Adapter hands) {
    SampledCollector sample = new SampledCollector(source, hands, merged(worker), plainCounters);
    sampled.put(source, sample);
    merged(worker).register(sample);
  }

  /** Has all that a registry holds sampled, if it does not take part otherwise. */
  void sample(Object registry) {
    Worker worker = runtime.worker();
    if (worker != null && !registries.containsKey(registry)) {
      sample(registry, worker, adapter());
    }
  }

  /** Whether it is the first registry of a collector. */
  private boolean add(Object registry, Object collector) {
    registries
        .computeIfAbsent(
            registry,
            made -> Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>())))
        .add(collector);
    return !linked.containsKey(collector) && !sampled.containsKey(collector);
  }

  private boolean link(Object collector, Description what, Worker worker, Adapter hands) {
    LinkedFamily family = null;
    try {
      double[] bounds = what.type().equals("histogram") ? hands.bounds(collector) : null;
      synchronized (runtime.linked()) {
        family = LinkedFamily.of(collector, what, bounds, new BridgedFamilies(worker), hands);
        runtime.linked().add(family);
      }
      if (what.type().equals("counter") && !what.name().endsWith("_total")) {
        plainCounters.add(what.name());
      }
      // First: a child that is made meanwhile is linked, if need be twice.
      linked.put(collector, family);
      family.linkAll();
      runtime.looks().add(new SecondLook(family));
      return true;
    } catch (RuntimeException | LinkageError e) {
      linked.remove(collector);
      runtime.linked().remove(family);
      StoreLog.warnOnce(
          "agent-family " + what.name(),
          "Family " + what.name() + " is sampled, and does not count by itself: " + e);
      return false;
    }
  }

  private synchronized MergedRegistry merged(Worker worker) {
    if (merged == null) {
      merged = MergedRegistry.of(worker);
    }
    return merged;
  }

  private void unregistered(Object registry, Object collector) {
    Set<Object> all = registries.get(registry);
    if (all != null && all.remove(collector)) {
      release(collector);
    }
  }

  /** Forgets a collector that no registry has any more. */
  private void release(Object collector) {
    synchronized (registries) {
      for (Set<Object> all : registries.values()) {
        if (all.contains(collector)) {
          return;
        }
      }
    }
    Worker worker = runtime.worker();
    Collector sample = sampled.remove(collector);
    if (sample != null) {
      merged(worker).unregister(sample);
    }
    LinkedFamily family = linked.remove(collector);
    if (family != null) {
      family.noteUnregistered();
      synchronized (runtime.linked()) {
        runtime.linked().remove(family);
        // To forget it is to forget all of its name, in whatever registry or class loader.
        if (!runtime.hasOtherOfItsName(family)) {
          new BridgedFamilies(worker).forget(family.family());
          return;
        }
      }
      clear(family);
    }
  }

  /** Removes the children that no other family of the application has as well. */
  private void clear(LinkedFamily family) {
    Set<List<String>> others = runtime.othersIn(family);
    if (others.isEmpty()) {
      family.family().clear();
    } else {
      family.family().removeIf(labelValues -> !others.contains(labelValues));
    }
  }

  private Object samples(Object registry, Object filter) {
    if (!runtime.options().simpleclient().equals(AgentOptions.ON)
        || left.contains(registry)
        || !registries.containsKey(registry)) {
      return null;
    }
    Worker worker = runtime.worker();
    if (worker == null || !new BridgedFamilies(worker).areInDirectory()) {
      return null;
    }
    Set<String> plain = new HashSet<>(plainCounters);
    return adapter().samples(Rows.of(merged(worker).metricFamilySamples()), plain, filter);
  }
}
