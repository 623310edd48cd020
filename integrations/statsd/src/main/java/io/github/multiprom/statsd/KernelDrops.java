package io.github.multiprom.statsd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many datagrams the kernel dropped at a socket of this process, because its buffer was full:
 * the last column of {@code /proc/net/udp} and {@code udp6} on Linux. Thread-safe.
 */
final class KernelDrops {
  static final long UNKNOWN = -1;

  private static final List<Path> TABLES =
      List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)\\]");
  private static final int ADDRESS_COLUMN = 1;
  private static final int INODE_COLUMN = 9;
  private static final int IPV4_BYTES = 4;

  /** Stands before an IPv4 address in an IPv6 one, behind zeros. */
  private static final byte[] IPV4_PREFIX = {0, 0, -1, -1};

  private KernelDrops() {}

  /** Of the socket that is bound to an address; {@link #UNKNOWN} if it is not found. */
  static long at(InetSocketAddress address) {
    Set<String> names = namesOf(address);
    try {
      Set<String> inodes = null;
      for (Path table : TABLES) {
        if (!Files.exists(table)) {
          continue;
        }
        for (String line : Files.readAllLines(table)) {
          String[] columns = line.strip().split("\\s+", -1);
          if (columns.length > INODE_COLUMN && names.contains(columns[ADDRESS_COLUMN])) {
            // Another process may share the port.
            inodes = inodes == null ? ownSockets() : inodes;
            if (inodes.contains(columns[INODE_COLUMN])) {
              return Long.parseLong(columns[columns.length - 1]);
            }
          }
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another kernel, or a hardened one.
    }
    return UNKNOWN;
  }

  /** An address as the tables may name it: an IPv6 socket takes what is sent to IPv4, too. */
  private static Set<String> namesOf(InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    String port = String.format(Locale.ROOT, ":%04X", address.getPort());
    Set<String> names = new HashSet<>(List.of(words(bytes) + port));
    if (bytes.length == IPV4_BYTES) {
      boolean isAny = address.getAddress().isAnyLocalAddress();
      names.add("0".repeat(16) + (isAny ? "00000000" : words(IPV4_PREFIX)) + words(bytes) + port);
    }
    return names;
  }

  /** Words of four bytes, each as a number of this machine. */
  private static String words(byte[] bytes) {
    ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    StringBuilder text = new StringBuilder();
    while (words.hasRemaining()) {
      text.append(String.format(Locale.ROOT, "%08X", words.getInt()));
    }
    return text.toString();
  }

  private static Set<String> ownSockets() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(DESCRIPTORS)) {
      for (Path descriptor : descriptors) {
        try {
          Matcher socket = SOCKET.matcher(Files.readSymbolicLink(descriptor).toString());
          if (socket.matches()) {
            inodes.add(socket.group(1));
          }
        } catch (NoSuchFileException e) {
          // Closed meanwhile.
        }
      }
    }
    return inodes;
  }
}
