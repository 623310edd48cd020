package io.github.multiprom.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.commons.ClassRemapper;
import org.objectweb.asm.commons.Remapper;

/** Jars of applications and agents that tests make. */
final class TestJars {
  private static final String CLIENT = "io/prometheus/client/";

  private TestJars() {}

  /** A command line behind an option. */
  static List<String> with(String option, List<String> command) {
    List<String> all = new ArrayList<>(List.of(option));
    all.addAll(command);
    return all;
  }

  /** An agent of one class. */
  static Path agent(Path directory, Class<?> agent) throws IOException {
    Path jar = directory.resolve(agent.getSimpleName() + ".jar");
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", agent.getName());
    manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(out, manifest)) {
      add(entries, path(agent), classOf(agent));
    }
    return jar;
  }

  private static String path(Class<?> type) {
    return type.getName().replace('.', '/') + ".class";
  }

  private static byte[] classOf(Class<?> type) throws IOException {
    try (InputStream in = type.getResourceAsStream("/" + path(type))) {
      return in.readAllBytes();
    }
  }

  private static void add(JarOutputStream entries, String name, byte[] bytes) throws IOException {
    entries.putNextEntry(new JarEntry(name));
    entries.write(bytes);
    entries.closeEntry();
  }

  /** The application as a module that requires the two of simpleclient, and nothing else. */
  static Path module(Path directory) throws IOException {
    Path source = directory.resolve("module-info.java");
    Files.writeString(
        source, "module shop { requires simpleclient; requires simpleclient.common; }", UTF_8);
    Path classes = Files.createDirectory(directory.resolve("module"));
    String path =
        String.join(":", AgentProcess.jars(AgentProcess.NEWEST).map(Path::toString).toList());
    int failed =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                System.out,
                System.err,
                "-proc:none",
                "-nowarn",
                "--release",
                "17",
                "-d",
                classes.toString(),
                "-p",
                path,
                source.toString(),
                Path.of("src", "test", "java", "shop", "Shop.java").toString());
    assertEquals(0, failed);
    return classes;
  }

  /** The application with the newest simpleclient in a package of its own. */
  static Path shaded(Path directory, String prefix) throws IOException {
    Path jar = directory.resolve("shaded.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream to = new JarOutputStream(out)) {
      for (Path from : AgentProcess.jars(AgentProcess.NEWEST).toList()) {
        try (JarFile file = new JarFile(from.toFile())) {
          for (Enumeration<JarEntry> all = file.entries(); all.hasMoreElements(); ) {
            JarEntry entry = all.nextElement();
            if (entry.getName().startsWith(CLIENT) && entry.getName().endsWith(".class")) {
              try (InputStream in = file.getInputStream(entry)) {
                addMoved(to, in.readAllBytes(), prefix.replace('.', '/'));
              }
            }
          }
        }
      }
      for (Class<?> type : List.of(shop.Shop.class)) {
        addMoved(to, classOf(type), prefix.replace('.', '/'));
        for (Class<?> nested : type.getDeclaredClasses()) {
          addMoved(to, classOf(nested), prefix.replace('.', '/'));
        }
      }
    }
    return jar;
  }

  private static void addMoved(JarOutputStream to, byte[] bytes, String prefix) throws IOException {
    Remapper names =
        new Remapper(Opcodes.ASM9) {
          @Override
          public String map(String name) {
            return name.startsWith(CLIENT) ? prefix + name : name;
          }
        };
    ClassReader reader = new ClassReader(bytes);
    ClassWriter writer = new ClassWriter(0);
    reader.accept(new ClassRemapper(writer, names), 0);
    add(to, names.map(reader.getClassName()) + ".class", writer.toByteArray());
  }
}
