package io.github.multiprom.agent.inside;

import io.github.multiprom.agent.AgentLog;
import io.github.multiprom.agent.AgentOptions;
import io.github.multiprom.agent.Isolated;
import io.github.multiprom.exposition.SharedEndpoint;
import io.github.multiprom.internal.os.StoreLog;
import io.github.multiprom.metrics.MergedRegistry;
import io.github.multiprom.metrics.Worker;
import io.github.multiprom.model.Settings;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.instrument.Instrumentation;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import javax.management.MalformedObjectNameException;

/** The parts of the agent, each made when it is first needed. Thread-safe. */
public final class AgentRuntime implements Isolated {
  private final AgentOptions options;
  private final SimpleclientTransformer transformer;
  private final Libraries.Notes libraries = new Libraries.Notes();
  private final Set<LinkedFamily> linked =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));
  private final Queue<BooleanSupplier> looks = new ConcurrentLinkedQueue<>();
  private Worker worker;
  private boolean hasNoWorker;

  /** The parts for some options. */
  public AgentRuntime(AgentOptions options, Instrumentation instrumentation) {
    StoreLog.writeTo(AgentLog::write);
    this.options = options;
    transformer = new SimpleclientTransformer(this, options, instrumentation);
  }

  AgentOptions options() {
    return options;
  }

  @Override
  public byte[] transform(
      Module module,
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes) {
    return transformer.transform(module, loader, name, redefined, domain, bytes);
  }

  @Override
  public void noteLibrary(ClassLoader loader, String className) {
    libraries.add(loader, className);
  }

  /** The worker of this JVM, which is opened if need be; null if it cannot be. */
  Worker worker() {
    Throwable failure = null;
    Worker opened;
    synchronized (this) {
      if (worker == null && !hasNoWorker) {
        try {
          worker = open();
        } catch (RuntimeException | Error e) {
          hasNoWorker = true;
          failure = e;
        }
      }
      opened = worker;
    }
    if (failure != null) {
      // Without the lock: the standard error may be a class of the application, which counts.
      AgentLog.write(Level.ERROR, "Nothing counts in " + options.directory() + ": " + failure);
    }
    return opened;
  }

  private Worker open() {
    Worker.Builder builder = Worker.builder().directory(Path.of(options.directory()));
    if (!options.worker().isEmpty()) {
      builder.name(options.worker());
    }
    if (!options.gaugeModes().isEmpty()) {
      builder.gaugeModes(options.gaugeModes());
    }
    return builder.open();
  }

  /** The families of all class loaders that count. Its monitor guards that they come and go. */
  Set<LinkedFamily> linked() {
    return linked;
  }

  /** The children that others of the application have in a family's one of the worker. */
  Set<List<String>> othersIn(LinkedFamily one) {
    List<LinkedFamily> others;
    synchronized (linked) {
      others =
          linked.stream().filter(other -> other != one && other.family() == one.family()).toList();
    }
    Set<List<String>> labelValues = new HashSet<>();
    others.forEach(other -> labelValues.addAll(other.labelValues()));
    return labelValues;
  }

  /** Whether another family of the application counts in one of this name. */
  boolean hasOtherOfItsName(LinkedFamily one) {
    synchronized (linked) {
      return linked.stream().anyMatch(other -> other != one && other.name.equals(one.name));
    }
  }

  /** What the sampler's thread does, each second, until it returns true. */
  Queue<BooleanSupplier> looks() {
    return looks;
  }

  @Override
  public void startServices() {
    Worker opened = worker();
    if (opened == null) {
      return;
    }
    opened.sampler().add(to -> looks.removeIf(BooleanSupplier::getAsBoolean));
    opened.sampler().add(new Libraries(opened, libraries));
    if (options.jvm()) {
      try {
        JvmMetrics.register(MergedRegistry.of(opened));
      } catch (RuntimeException | LinkageError e) {
        AgentLog.write(Level.WARNING, "The numbers of the JVM are not sampled: " + e);
      }
    }
    if (!options.jmx().isEmpty()) {
      try {
        JmxBeans.sample(opened, options.jmx());
      } catch (IOException | MalformedObjectNameException | RuntimeException | LinkageError e) {
        AgentLog.write(Level.ERROR, "No beans are sampled by " + options.jmx() + ": " + e);
      }
    }
    if (options.port() != 0) {
      try {
        String webConfig = Settings.property(Settings.WEB_CONFIG);
        SharedEndpoint.start(
            Path.of(options.directory()),
            options.host(),
            options.port(),
            webConfig == null ? null : Path.of(webConfig.strip()));
      } catch (InvalidPathException | LinkageError e) {
        AgentLog.write(Level.ERROR, "This process cannot serve metrics: " + e);
      }
    }
  }
}
