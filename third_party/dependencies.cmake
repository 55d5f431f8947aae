# What comes from outside: found on the system, installed by third_party/install. README.md here says
# why each was chosen and which folder may use it. A target per library, so that a folder that does not
# name it cannot use it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(declare_dependency target module)
  pkg_check_modules(${target} REQUIRED IMPORTED_TARGET GLOBAL ${module})
  add_library(${target} INTERFACE)
  target_link_libraries(${target} INTERFACE PkgConfig::${target})
endfunction()

declare_dependency(dep_uv libuv>=1.44)
declare_dependency(dep_curl libcurl>=7.88)
declare_dependency(dep_cjson libcjson>=1.7.15)
declare_dependency(dep_yaml yaml-0.1>=0.2.5)
declare_dependency(dep_sqlite sqlite3>=3.40)
declare_dependency(dep_crypto libcrypto>=3.0)
if(MEDIA)
  declare_dependency(dep_avformat "libavformat>=59;libavcodec>=59;libavutil>=57")
endif()
if(WEB)
  declare_dependency(dep_microhttpd libmicrohttpd>=0.9.75)
endif()
if(TESTS)
  declare_dependency(dep_cmocka cmocka>=1.1.5)
endif()
add_library(dep_threads INTERFACE)
target_link_libraries(dep_threads INTERFACE Threads::Threads)
