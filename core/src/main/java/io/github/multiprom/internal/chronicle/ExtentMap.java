package io.github.multiprom.internal.chronicle;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import net.openhft.chronicle.map.ChronicleMap;

/**
 * A Chronicle Map of byte arrays of one length, in a file. One thread at a time.
 *
 * <p>It is only ever added to, so that an entry stays where it is. Nobody but {@link #close} closes
 * it, when no other thread is in here: a map that was closed under a thread, as the end of the
 * process may do, has crashed JVMs.
 */
public final class ExtentMap {
  // So that no open map is ever garbage, whose cleaner would close it.
  private static final Set<ExtentMap> OPEN = ConcurrentHashMap.newKeySet();

  private final ChronicleMap<Integer, byte[]> map;

  private ExtentMap(ChronicleMap<Integer, byte[]> map) {
    this.map = map;
  }

  /**
   * Where Chronicle Map is; for flags.
   *
   * @throws LinkageError if it is nowhere
   */
  public static Module moduleOfChronicleMap() {
    return ChronicleMap.class.getModule();
  }

  /**
   * Makes a map.
   *
   * @param file must not exist
   * @param entries most entries that it will hold
   * @param length bytes of each entry's value
   * @throws IOException if the file cannot be made
   * @throws LinkageError if Chronicle Map, or what it needs of the JDK, is not there
   */
  public static ExtentMap create(Path file, int entries, int length) throws IOException {
    setIfAbsent("chronicle.analytics.disable", "true");
    setIfAbsent("chronicle.announcer.disable", "true");
    setIfAbsent("slf4j.internal.verbosity", "ERROR");
    ChronicleMap<Integer, byte[]> map =
        ChronicleMap.of(Integer.class, byte[].class)
            .name("multiprom")
            .entries(entries)
            // One segment: its entries lie one behind the other.
            .actualSegments(1)
            .constantValueSizeBySample(new byte[length])
            // With checksums, a recovery would throw away every entry whose cells were written.
            .checksumEntries(false)
            .skipCloseOnExitHook(true)
            .createPersistedTo(file.toFile());
    ExtentMap made = new ExtentMap(map);
    OPEN.add(made);
    return made;
  }

  private static void setIfAbsent(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Adds an entry.
   *
   * @throws RuntimeException if the map is full
   */
  public void add(int key, byte[] value) {
    map.put(key, value);
  }

  /** Gives up the map's own memory and descriptor. Must be the last call. */
  public void close() {
    map.close();
    OPEN.remove(this);
  }
}
