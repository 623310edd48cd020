package io.github.multiprom.agent.inside;

import io.github.multiprom.agent.AgentLog;
import io.github.multiprom.agent.AgentOptions;
import io.github.multiprom.agent.IsolatedLoader;
import java.lang.System.Logger.Level;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.BiFunction;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/**
 * Changes the classes of simpleclient as they are loaded, and adds to their package what they call
 * then. Thread-safe.
 *
 * <p>A changed class does what it did before until the agent links an object of it. So a class that
 * is as expected, beside one that is not, does no harm.
 */
final class SimpleclientTransformer {
  private static final String PACKAGE = "io/prometheus/client/";
  private static final String HOOKS = "MultipromHooks";
  private static final String ADAPTER = "MultipromAdapter";

  /** The application has Multiprom itself, which shows the directory on its registries. */
  private static final String MULTIPROM = "io/github/multiprom/metrics/Worker.class";

  /** Among the packages of a loader: none of them is changed. */
  private static final String NONE = "";

  private final AgentRuntime runtime;
  private final AgentOptions options;
  private final Instrumentation instrumentation;
  // By class loader, the packages in which the hooks are.
  private final Map<ClassLoader, Set<String>> hooked =
      Collections.synchronizedMap(new WeakHashMap<>());
  private Method defineClass;

  SimpleclientTransformer(
      AgentRuntime runtime, AgentOptions options, Instrumentation instrumentation) {
    this.runtime = runtime;
    this.options = options;
    this.instrumentation = instrumentation;
  }

  /** The changed class; null for one that stays as it is. */
  byte[] transform(
      Module module,
      ClassLoader loader,
      String name,
      Class<?> redefined,
      ProtectionDomain domain,
      byte[] bytes) {
    int end = name.lastIndexOf('/') + 1;
    String part = name.substring(0, end);
    if (!options.packages().contains(name.substring(0, end - 1).replace('/', '.'))
        || !SimpleclientClasses.has(name.substring(end))) {
      return null;
    }
    try {
      byte[] changed = SimpleclientClasses.change(name.substring(end), part, bytes);
      if (changed != null && hook(module, loader, part, domain)) {
        return changed;
      }
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      AgentLog.write(
          Level.WARNING, "Class " + name + " cannot be made to count in the directory: " + e);
    }
    return null;
  }

  /** Makes sure that a package has what its changed classes call. */
  private boolean hook(Module module, ClassLoader loader, String part, ProtectionDomain domain)
      throws ReflectiveOperationException {
    Set<String> parts = hooked.computeIfAbsent(loader, made -> new HashSet<>());
    // No lock for all loaders: one that loads a class at a time holds its own lock here.
    synchronized (parts) {
      if (parts.contains(part) || parts.contains(NONE)) {
        return parts.contains(part);
      }
      if (loader.getResource(MULTIPROM) != null) {
        parts.add(NONE);
        AgentLog.write(
            Level.INFO, "The application has Multiprom itself, and its metrics stay as they are");
        return false;
      }
      addHooks(module, loader, part, domain);
      parts.add(part);
      return true;
    }
  }

  private void addHooks(Module module, ClassLoader loader, String part, ProtectionDomain domain)
      throws ReflectiveOperationException {
    if (module.isNamed()) {
      instrumentation.redefineModule(
          module,
          Set.of(),
          Map.of(),
          Map.of(part.substring(0, part.length() - 1).replace('/', '.'), Set.of(ownModule())),
          Set.of(),
          Map.of());
    }
    Class<?> hooks = define(loader, part, HOOKS, domain);
    BiFunction<String, Object[], Object> links =
        new SimpleclientLinks(
            runtime, () -> new Adapter(defineUnchecked(hooks.getClassLoader(), part, domain)));
    hooks.getField("agent").set(null, links);
  }

  private Class<?> defineUnchecked(ClassLoader loader, String part, ProtectionDomain domain) {
    try {
      return define(loader, part, ADAPTER, domain);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private Class<?> define(ClassLoader loader, String part, String name, ProtectionDomain domain)
      throws ReflectiveOperationException {
    byte[] bytes = ((IsolatedLoader) getClass().getClassLoader()).bytes(PACKAGE + name + ".class");
    if (!part.equals(PACKAGE)) {
      bytes = moved(bytes, part);
    }
    return (Class<?>) defineClass().invoke(loader, null, bytes, 0, bytes.length, domain);
  }

  private synchronized Method defineClass() throws ReflectiveOperationException {
    if (defineClass == null) {
      instrumentation.redefineModule(
          Object.class.getModule(),
          Set.of(),
          Map.of(),
          Map.of("java.lang", Set.of(ownModule())),
          Set.of(),
          Map.of());
      defineClass =
          ClassLoader.class.getDeclaredMethod(
              "defineClass",
              String.class,
              byte[].class,
              int.class,
              int.class,
              ProtectionDomain.class);
      defineClass.setAccessible(true);
    }
    return defineClass;
  }

  private Module ownModule() {
    return getClass().getModule();
  }

  /** A class as it is in another package. */
  private static byte[] moved(byte[] bytes, String part) {
    ClassWriter writer = new ClassWriter(0);
    new ClassReader(bytes)
        .accept(
            new ClassRemapper(
                writer,
                new Remapper(Opcodes.ASM9) {
                  @Override
                  public String map(String name) {
                    return name.startsWith(PACKAGE)
                        ? part + name.substring(PACKAGE.length())
                        : name;
                  }
                }),
            0);
    return writer.toByteArray();
  }
}
