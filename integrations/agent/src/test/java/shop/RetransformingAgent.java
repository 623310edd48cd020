package shop;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.security.ProtectionDomain;

/** An agent that has classes of simpleclient changed again, after they are loaded. */
public final class RetransformingAgent {
  private RetransformingAgent() {}

  public static void premain(String arguments, Instrumentation instrumentation) throws Exception {
    instrumentation.addTransformer(
        new ClassFileTransformer() {
          @Override
          public byte[] transform(
              ClassLoader loader,
              String name,
              Class<?> redefined,
              ProtectionDomain domain,
              byte[] bytes) {
            return name != null && name.startsWith("io/prometheus/client/") ? bytes : null;
          }
        },
        true);
    ClassLoader loader = ClassLoader.getSystemClassLoader();
    instrumentation.retransformClasses(
        Class.forName("io.prometheus.client.DoubleAdder", false, loader),
        Class.forName("io.prometheus.client.SimpleCollector", false, loader),
        Class.forName("io.prometheus.client.CollectorRegistry", false, loader));
    System.err.println("changed again");
  }
}
