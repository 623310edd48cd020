package io.github.multiprom.internal.lease;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Set;

/**
 * Loads this library under another package, as an application that shades it: as maven-shade does,
 * it renames classes, and string constants that begin with the name of the package.
 */
public final class RelocatingLoader extends ClassLoader {
  private static final String FROM = "io.github.multiprom";

  private static final int UTF8 = 1;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;
  private static final int CLASS = 7;
  private static final int STRING = 8;
  private static final int METHOD_HANDLE = 15;
  private static final int METHOD_TYPE = 16;
  private static final int MODULE = 19;
  private static final int PACKAGE = 20;

  private final String to;

  public RelocatingLoader(String to) {
    super(RelocatingLoader.class.getClassLoader());
    this.to = to;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    if (!name.startsWith(to + ".")) {
      throw new ClassNotFoundException(name);
    }
    String resource = (FROM + name.substring(to.length())).replace('.', '/') + ".class";
    try (InputStream original = getResourceAsStream(resource)) {
      if (original == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] relocated = relocate(original.readAllBytes());
      return defineClass(name, relocated, 0, relocated.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private byte[] relocate(byte[] original) throws IOException {
    Set<Integer> strings = stringsOf(original);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(original));
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(in.readLong());
    int count = in.readUnsignedShort();
    out.writeShort(count);
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      if (tag == UTF8) {
        String text =
            in.readUTF().replace(FROM.replace('.', '/') + "/", to.replace('.', '/') + "/");
        boolean begins = strings.contains(i) && text.startsWith(FROM);
        out.writeUTF(begins ? to + text.substring(FROM.length()) : text);
      } else {
        out.write(in.readNBytes(length(tag)));
        i += tag == LONG || tag == DOUBLE ? 1 : 0;
      }
    }
    in.transferTo(out);
    return bytes.toByteArray();
  }

  /** The indexes of the texts that are string constants. */
  private static Set<Integer> stringsOf(byte[] file) throws IOException {
    Set<Integer> strings = new HashSet<>();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(file));
    in.readLong();
    int count = in.readUnsignedShort();
    for (int i = 1; i < count; i++) {
      int tag = in.readUnsignedByte();
      if (tag == UTF8) {
        in.readUTF();
      } else if (tag == STRING) {
        strings.add(in.readUnsignedShort());
      } else {
        in.readNBytes(length(tag));
        i += tag == LONG || tag == DOUBLE ? 1 : 0;
      }
    }
    return strings;
  }

  private static int length(int tag) {
    return switch (tag) {
      case LONG, DOUBLE -> Long.BYTES;
      case CLASS, STRING, METHOD_TYPE, MODULE, PACKAGE -> Short.BYTES;
      case METHOD_HANDLE -> 1 + Short.BYTES;
      default -> Integer.BYTES;
    };
  }
}
