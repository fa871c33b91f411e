# lockstep agent: answers one lockstep program over standard input and output, in the line protocol RB1.
#
#   in    one JSON object a line, ASCII: read, run, parse, cancel, ping, connect, bye
#   out   "@RB1 <nonce> <json>", ASCII, numbered from 1
#
# It changes nothing by itself: "read" asks for facts, "run" runs the text that the operator was shown and let run.
# It keeps no state, writes no file, asks for no credential, and ends when its input ends.
#
# Target: Windows PowerShell 5.1, 64 bit, full language mode. It also runs in PowerShell 7.
# Two ways to start: lockstep sends this text over standard input; or, where scripts must be signed, this file is signed,
# put on the server and named by "?agent=PATH" (powershell.exe -File PATH -Nonce <16 hex digits>).
#
# NOT YET SEEN ON A REAL SERVER (written from documentation): Windows PowerShell 5.1 itself, the ADSync objects of current
# builds, remote runspaces over WinRM, JEA endpoints, constrained language mode. "lockstep self-test" checks them.
param($RbIn, [string]$Nonce, [string]$Text)
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# ---------------------------------------------------------------------------------------------------------------------
# Frames. Streams of our own, never the host's: no code page, no profile and no stray print can touch a frame.
# ---------------------------------------------------------------------------------------------------------------------
$RbRaw = [Console]::OpenStandardOutput()
$RbAscii = [System.Text.Encoding]::ASCII
$RbTag = "@RB1 $Nonce "
$script:RbSeq = 0
$RbNonAscii = New-Object System.Text.RegularExpressions.Regex('[^\x20-\x7e]+')
$RbEscape = [System.Text.RegularExpressions.MatchEvaluator] {
    param($m)
    $b = New-Object System.Text.StringBuilder
    foreach ($c in $m.Value.ToCharArray()) { [void]$b.AppendFormat('\u{0:x4}', [int]$c) }
    $b.ToString()
}
# Text of one frame, in characters: escaped at its worst it stays below 64 KiB.
$RbTextMax = 10000
# The longest frame that lockstep takes is 1 MiB.
$RbFrameMax = 1000000

function ConvertTo-Ascii([string]$s) {
    if ($RbNonAscii.IsMatch($s)) { return $RbNonAscii.Replace($s, $RbEscape) }
    $s
}
function Limit-Text([string]$s, [int]$max) {
    if ($s.Length -gt $max) { return $s.Substring(0, $max) }
    $s
}

function Send-Line([string]$Json) {
    $bytes = $RbAscii.GetBytes($RbTag + (ConvertTo-Ascii $Json) + "`n")
    # One write for one frame: nothing can come between its parts.
    $RbRaw.Write($bytes, 0, $bytes.Length)
    $RbRaw.Flush()
}

function Send-Frame($Frame) {
    $script:RbSeq++
    $Frame.n = $script:RbSeq
    Send-Line (ConvertTo-Json -InputObject $Frame -Compress -Depth 8)
}

function ConvertTo-ErrorFrame($er) {
    if ($er -is [System.Management.Automation.IContainsErrorRecord]) { $er = $er.ErrorRecord }
    if ($er -isnot [System.Management.Automation.ErrorRecord]) { return @{ message = (Limit-Text "$er" 8000) } }
    $r = @{
        message  = (Limit-Text "$er" 8000)
        fqid     = "$($er.FullyQualifiedErrorId)"
        category = "$($er.CategoryInfo.Category)"
        target   = (Limit-Text "$($er.CategoryInfo.TargetName)" 1000)
        stack    = (Limit-Text "$($er.ScriptStackTrace)" 4000)
    }
    if ($er.Exception) { $r.exception = $er.Exception.GetType().FullName }
    if ($er.InvocationInfo) {
        $r.position = (Limit-Text "$($er.InvocationInfo.PositionMessage)" 4000)
        $r.line = [int][Math]::Max(0, $er.InvocationInfo.ScriptLineNumber)
    }
    $r
}

function Get-Sha256([string]$s) {
    # Where Windows demands FIPS validated algorithms, older .NET Framework refuses its managed SHA-256.
    try { $sha = [System.Security.Cryptography.SHA256]::Create() }
    catch { $sha = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider }
    $hash = $sha.ComputeHash((New-Object System.Text.UTF8Encoding($false)).GetBytes($s))
    $sha.Dispose()
    ([System.BitConverter]::ToString($hash) -replace '-', '').ToLowerInvariant()
}

# A moment as UTC text. ADSync hands out UTC without saying so (Kind Unspecified); CIM and events are local.
function ConvertTo-Utc($d) {
    if ($null -eq $d) { return $null }
    $d = [datetime]$d
    if ($d.Kind -eq [System.DateTimeKind]::Local) { $d = $d.ToUniversalTime() }
    $d.ToString('yyyy-MM-ddTHH:mm:ss.fff', [System.Globalization.CultureInfo]::InvariantCulture) + 'Z'
}

# ---------------------------------------------------------------------------------------------------------------------
# Native children must not inherit the protocol's input: a step that runs ssh, git or "set /p" would eat our requests.
# The process's standard input handle becomes the null device; our own stream is open already.
# (Reflection.Emit, no compiler, no file. Where this is forbidden, hello says stdin_isolated = false.)
# ---------------------------------------------------------------------------------------------------------------------
function Protect-Stdin {
    try {
        $win = [System.IO.Path]::DirectorySeparatorChar -eq '\'
        $name = New-Object System.Reflection.AssemblyName 'RbNative'
        $ab = [System.Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($name, [System.Reflection.Emit.AssemblyBuilderAccess]::Run)
        $tb = $ab.DefineDynamicModule('RbNative').DefineType('RbNative.K', [System.Reflection.TypeAttributes]'Public,Class')
        $def = {
            param($dll, $fn, $ret, $types, $cs)
            $m = $tb.DefinePInvokeMethod($fn, $dll, [System.Reflection.MethodAttributes]'Public,Static,PinvokeImpl', [System.Reflection.CallingConventions]::Standard, $ret, [Type[]]$types, [System.Runtime.InteropServices.CallingConvention]::Winapi, [System.Runtime.InteropServices.CharSet]$cs)
            $flags = $m.GetMethodImplementationFlags() -bor [System.Reflection.MethodImplAttributes]::PreserveSig
            $m.SetImplementationFlags($flags)
        }
        if (-not $win) {
            & $def 'libc' 'open' ([int]) @([string], [int]) 'Ansi'
            & $def 'libc' 'dup2' ([int]) @([int], [int]) 'Ansi'
            $k = $tb.CreateType()
            $null_device = $k::open('/dev/null', 0)
            return ($k::dup2($null_device, 0) -eq 0)
        }
        & $def 'kernel32.dll' 'CreateFileW' ([IntPtr]) @([string], [uint32], [uint32], [IntPtr], [uint32], [uint32], [IntPtr]) 'Unicode'
        & $def 'kernel32.dll' 'SetHandleInformation' ([bool]) @([IntPtr], [uint32], [uint32]) 'Unicode'
        & $def 'kernel32.dll' 'SetStdHandle' ([bool]) @([int], [IntPtr]) 'Unicode'
        $k = $tb.CreateType()
        # CreateFileW, because .NET's FileStream refuses devices. 0x80000000 is GENERIC_READ, 3 share read and write, 3 OPEN_EXISTING.
        $h = $k::CreateFileW('NUL', [uint32]2147483648, [uint32]3, [IntPtr]::Zero, [uint32]3, [uint32]0, [IntPtr]::Zero)
        if ($h -eq [IntPtr](-1)) { return $false }
        return ($k::SetHandleInformation($h, [uint32]1, [uint32]1) -and $k::SetStdHandle(-10, $h))
    } catch { return $false }
}

# ---------------------------------------------------------------------------------------------------------------------
# Facts. One function a group; it runs on the server in a runspace of its own. Every value is projected by name with a
# cast, no live object is ever serialised. A part that fails is an error of its path; the rest of the group stands.
# A JEA endpoint (no language) offers the function Read-LockstepGroup by itself: "lockstep agent --module" prints this block.
# ---------------------------------------------------------------------------------------------------------------------
$RbProjections = {
    function Read-LockstepGroup {
        param([string]$Group, [string]$Since)
        $ErrorActionPreference = 'Stop'
        $ProgressPreference = 'SilentlyContinue'
        $r = @{ server_utc = $null; values = @{}; errors = @{} }
        switch ($Group) {
            'core' { Read-RbCore $r }
            'runs' { Read-RbRuns $r }
            'statistics' { Read-RbStatistics $r }
            'events' { Read-RbEvents $r $Since }
            'passwords' { Read-RbPasswords $r }
            'configuration' { Read-RbConfiguration $r }
            'host' { Read-RbHost $r }
            default { throw "There is no group '$Group'." }
        }
        $r.server_utc = Get-RbUtc ([datetime]::UtcNow)
        ConvertTo-Json -InputObject $r -Compress -Depth 8
    }

    # --- small tools of the projections ---
    function Get-RbUtc($d) {
        if ($null -eq $d) { return $null }
        $d = [datetime]$d
        if ($d.Year -lt 1900) { return $null }
        if ($d.Kind -eq [System.DateTimeKind]::Local) { $d = $d.ToUniversalTime() }
        $d.ToString('yyyy-MM-ddTHH:mm:ss.fff', [System.Globalization.CultureInfo]::InvariantCulture) + 'Z'
    }
    function Get-RbText($v) { if ($null -eq $v) { return $null }; [string]$v }
    function Get-RbBool($v) { if ($null -eq $v) { return $null }; if ($v -is [bool]) { return $v }; "$v" -eq 'True' }
    function Get-RbInt($v) { if ($null -eq $v) { return $null }; [long]$v }
    function Get-RbSpan($v) { if ($null -eq $v) { return $null }; ([timespan]$v).ToString('c') }
    function Test-RbProperty($o, [string]$name) { $null -ne $o.PSObject.Properties[$name] }
    # Runs one part. What it throws becomes the error of its paths.
    function Invoke-RbPart($r, [string[]]$paths, [scriptblock]$part) {
        try { . $part } catch {
            $e = @{ message = "$_"; fqid = "$($_.FullyQualifiedErrorId)"; category = "$($_.CategoryInfo.Category)"; exception = "$($_.Exception.GetType().FullName)" }
            foreach ($p in $paths) { $r.errors[$p] = $e; [void]$r.values.Remove($p) }
        }
    }
    function Get-RbService([string]$name) {
        try { Get-Service -Name $name -ErrorAction Stop } catch {
            if ("$($_.FullyQualifiedErrorId)" -like 'NoServiceFoundForGivenName*') { return $null }
            throw
        }
    }
    # Loads the module once; $false where the product's cmdlets are not to be had. What cannot be loaded throws.
    # (Not by asking for a command that may not exist: that would look through every module of the machine each time.)
    function Test-RbModule {
        if (Get-Module -Name ADSync) { return $true }
        $dirs = @("$env:ProgramFiles\Microsoft Azure AD Sync\Bin") + "$env:PSModulePath".Split([System.IO.Path]::PathSeparator)
        foreach ($dir in $dirs) {
            if (-not $dir) { continue }
            if ([System.IO.Directory]::Exists("$dir/ADSync")) {
                Import-Module "$dir/ADSync"
                return $true
            }
        }
        $false
    }
    function Assert-RbModule { if (-not (Test-RbModule)) { throw 'The module ADSync is not on this server.' } }
    function Get-RbRegistry([string]$path, [string]$name) {
        $key = Get-Item -LiteralPath $path -ErrorAction SilentlyContinue
        if ($null -eq $key) { return $null }
        $key.GetValue($name)
    }
    # A program's process with its owner and when it was started; $null where it does not run.
    function Get-RbProgram([string]$exe) {
        # Mostly it does not run, and that is quickly told.
        if ([System.Diagnostics.Process]::GetProcessesByName([System.IO.Path]::GetFileNameWithoutExtension($exe)).Length -eq 0) { return $null }
        $p = @(Get-CimInstance Win32_Process -Filter "Name='$exe'")
        if ($p.Count -eq 0) { return $null }
        $p = $p[0]
        $owner = $null
        try {
            $o = Invoke-CimMethod -InputObject $p -MethodName GetOwner
            if ($o.User) { $owner = "$($o.Domain)\$($o.User)" }
        } catch { $owner = $null }
        @{ Session = [int]$p.SessionId; User = $owner; Since = (Get-RbUtc $p.CreationDate) }
    }
    # Active or Disc. The state's word is translated on other Windows languages; that a disconnected session has no
    # station name in the first column is not.
    function Get-RbSessionState([int]$id) {
        # With Stop, a line on a native program's redirected standard error would be a terminating error here.
        $ErrorActionPreference = 'Continue'
        foreach ($line in @(& "$env:SystemRoot\System32\qwinsta.exe" 2>$null)) {
            if ($line.Length -gt 20 -and $line.Substring(19) -match "^\s*.*?\s$id\s" ) {
                if ($line.Substring(1, 18).Trim()) { return 'Active' }
                return 'Disc'
            }
        }
        $null
    }

    # --- core: every 5 s ---
    function Read-RbCore($r) {
        $v = $r.values
        $v.Now = Get-RbUtc ([datetime]::UtcNow)
        Invoke-RbPart $r @('Host', 'Domain') {
            $v.Host = [Environment]::MachineName
            $v.Domain = $null
            $domain = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().DomainName
            if ($domain) { $v.Domain = [string]$domain }
        }
        Invoke-RbPart $r @('BootTime') {
            # It cannot change while this process lives.
            if (-not $global:RbBootTime) { $global:RbBootTime = Get-RbUtc (Get-CimInstance Win32_OperatingSystem).LastBootUpTime }
            $v.BootTime = $global:RbBootTime
        }
        $seen = @{ Service = $null; Module = $false }
        Invoke-RbPart $r @('Service') {
            $service = Get-RbService 'ADSync'
            $seen.Service = $service
            if ($service) {
                $v.Service = @{ Status = [string]$service.Status }
                if (Test-RbProperty $service 'StartType') { $v.Service.StartType = [string]$service.StartType }
            }
        }
        Invoke-RbPart $r @('Installed') {
            try { $seen.Module = Test-RbModule } catch { throw "The module ADSync is there but cannot be loaded: $_" }
            if ($r.errors.ContainsKey('Service')) { throw 'Whether there is a service ADSync could not be read.' }
            # Absent is a claim that guards rely on: both must be missing. One without the other is an error, not an answer.
            if ($seen.Service -and $seen.Module) { $v.Installed = $true }
            elseif (-not $seen.Service -and -not $seen.Module) { $v.Installed = $false }
            elseif ($seen.Service) { throw 'The service ADSync exists, but there is no module ADSync here.' }
            else { throw 'The module ADSync is there, but no service ADSync.' }
        }
        Invoke-RbPart $r @('Wizard') {
            $p = Get-RbProgram 'AzureADConnect.exe'
            $v.Wizard = @{ Open = [bool]$p; User = $null; SessionState = $null; Since = $null }
            if ($p) {
                $v.Wizard.User = $p.User
                $v.Wizard.Since = $p.Since
                Invoke-RbPart $r @('Wizard.SessionState') { $v.Wizard.SessionState = Get-RbSessionState $p.Session }
            }
        }
        Invoke-RbPart $r @('SynchronizationServiceManager') {
            $p = Get-RbProgram 'miisclient.exe'
            $v.SynchronizationServiceManager = @{ Open = [bool]$p; User = $null }
            if ($p) { $v.SynchronizationServiceManager.User = $p.User }
        }
        if ($v.Installed -eq $false) { return }
        Invoke-RbPart $r @('Version') {
            $image = [string](Get-RbRegistry 'HKLM:\SYSTEM\CurrentControlSet\Services\ADSync' 'ImagePath')
            $image = ($image -replace '^"([^"]+)".*$', '$1') -replace '(\.exe)\s.*$', '$1'
            if (-not $image) { $image = "$env:ProgramFiles\Microsoft Azure AD Sync\Bin\miiserver.exe" }
            $i = (Get-Item -LiteralPath $image).VersionInfo
            $v.Version = "$($i.FileMajorPart).$($i.FileMinorPart).$($i.FileBuildPart).$($i.FilePrivatePart)"
        }
        if (-not $seen.Module) {
            foreach ($p in 'Scheduler', 'ConnectorRunStatus') { $r.errors[$p] = $r.errors['Installed'] }
            return
        }
        Invoke-RbPart $r @('Scheduler') {
            $s = Get-ADSyncScheduler
            $o = @{}
            # Early builds have fewer properties: what is not there is left out.
            foreach ($n in 'AllowedSyncCycleInterval', 'CurrentlyEffectiveSyncCycleInterval', 'CustomizedSyncCycleInterval', 'PurgeRunHistoryInterval') {
                if (Test-RbProperty $s $n) { $o[$n] = Get-RbSpan $s.$n }
            }
            if (Test-RbProperty $s 'NextSyncCyclePolicyType') { $o.NextSyncCyclePolicyType = Get-RbText $s.NextSyncCyclePolicyType }
            if (Test-RbProperty $s 'NextSyncCycleStartTimeInUTC') {
                $next = $s.NextSyncCycleStartTimeInUTC
                if ($null -ne $next) { $next = [datetime]::SpecifyKind($next, [System.DateTimeKind]::Utc) }
                $o.NextSyncCycleStartTimeInUTC = Get-RbUtc $next
            }
            foreach ($n in 'SyncCycleEnabled', 'MaintenanceEnabled', 'StagingModeEnabled', 'SchedulerSuspended', 'SyncCycleInProgress') {
                if (Test-RbProperty $s $n) { $o[$n] = Get-RbBool $s.$n }
            }
            $v.Scheduler = $o
        }
        Invoke-RbPart $r @('ConnectorRunStatus') {
            $v.ConnectorRunStatus = @(foreach ($c in @(Get-ADSyncConnectorRunStatus)) {
                    if ($null -ne $c) { @{ ConnectorName = [string]$c.ConnectorName; RunState = [string]$c.RunState } }
                })
        }
    }

    # Events of one source, newest first. No such source, and nothing found, are no errors; nor is one event that cannot be
    # read (its source's messages are damaged) as long as others can.
    function Get-RbEvents([hashtable]$filter, [int]$most) {
        $failed = $null
        $found = @(Get-WinEvent -FilterHashtable $filter -MaxEvents $most -ErrorAction SilentlyContinue -ErrorVariable failed)
        foreach ($e in @($failed)) {
            if ($null -eq $e) { continue }
            if ($found.Count -eq 0 -and "$($e.FullyQualifiedErrorId)" -notmatch '^(NoMatching(Events|Providers)Found|LogsAndProvidersDontOverlap)') { throw $e }
        }
        $found
    }

    # --- runs: the run history, newest first ---
    function Get-RbCounters($run) {
        # A complete run never changes: its sums are kept for the life of this process.
        if (-not $global:RbCounters) { $global:RbCounters = @{} }
        $id = [string]$run.RunHistoryId
        if ($global:RbCounters.ContainsKey($id)) { return $global:RbCounters[$id] }
        $kind = 'Stage'
        if ("$($run.RunProfileName)" -like 'Export*') { $kind = 'Export' }
        $sum = @{ Adds = 0; Updates = 0; Renames = 0; Deletes = 0; Failures = 0; ErrorTypes = @() }
        $types = @{}
        foreach ($step in @(Get-ADSyncRunStepResult -RunHistoryId $run.RunHistoryId)) {
            if ($null -eq $step) { continue }
            $sum.Adds += [long]$step."${kind}Add"
            $sum.Updates += [long]$step."${kind}Update"
            $sum.Renames += [long]$step."${kind}Rename"
            $sum.Deletes += [long]$step."${kind}Delete" + [long]$step."${kind}DeleteAdd"
            $sum.Failures += [long]$step."${kind}Failure"
            foreach ($e in @($step.SyncErrors.SyncErrorsList)) { if ($null -ne $e -and "$($e.ErrorType)") { $types["$($e.ErrorType)"] = $true } }
        }
        $sum.ErrorTypes = @($types.Keys | Sort-Object | ForEach-Object { [string]$_ })
        if ($run.IsRunComplete) { $global:RbCounters[$id] = $sum }
        $sum
    }
    function Get-RbRun($run) {
        $c = Get-RbCounters $run
        @{
            RunNumber = Get-RbInt $run.RunNumber; ConnectorName = Get-RbText $run.ConnectorName; RunProfileName = Get-RbText $run.RunProfileName
            Result = Get-RbText $run.Result; StartDate = Get-RbUtc $run.StartDate; EndDate = Get-RbUtc $run.EndDate
            Username = Get-RbText $run.Username; IsRunComplete = Get-RbBool $run.IsRunComplete
            Adds = $c.Adds; Updates = $c.Updates; Renames = $c.Renames; Deletes = $c.Deletes; Failures = $c.Failures; ErrorTypes = $c.ErrorTypes
        }
    }
    function Get-RbNewestRuns([int]$most) {
        Get-ADSyncRunProfileResult -NumberRequested $most | Where-Object { $null -ne $_ } | Sort-Object StartDate -Descending | Select-Object -First $most
    }
    function Read-RbRuns($r) {
        $v = $r.values
        Invoke-RbPart $r @('RunHistory', 'RunHistoryBegins') {
            Assert-RbModule
            $runs = @(Get-RbNewestRuns 50)
            $v.RunHistory = @($runs | ForEach-Object { Get-RbRun $_ })
            $v.RunHistoryBegins = $null
            if ($runs.Count -gt 0) { $v.RunHistoryBegins = Get-RbUtc $runs[$runs.Count - 1].StartDate }
            if ($runs.Count -lt 50) { return }
            # The oldest one changes only when history is purged, and all of them are dear to ask for: every ten minutes.
            if (-not $global:RbBegins -or $global:RbBegins.Clock.Elapsed.TotalMinutes -gt 10) {
                $all = @(Get-RbNewestRuns 2000)
                $global:RbBegins = @{ Clock = [System.Diagnostics.Stopwatch]::StartNew(); StartDate = $all[$all.Count - 1].StartDate }
            }
            $v.RunHistoryBegins = Get-RbUtc $global:RbBegins.StartDate
        }
        Invoke-RbPart $r @('StagingSince') {
            Assert-RbModule
            if (-not (Get-ADSyncScheduler).StagingModeEnabled) { $v.StagingSince = $null; return }
            # The audit of wizard actions (since 2.4.129); its event for staging mode is found by its words.
            $e = @(Get-RbEvents @{ LogName = 'Application'; ProviderName = 'Entra Connect Admin Actions' } 200 | Where-Object { $_.Message -match 'staging' } | Select-Object -First 1)
            if ($e.Count -gt 0) { $v.StagingSince = Get-RbUtc $e[0].TimeCreated; return }
            # Else the newest policy that the wizard applied: each change writes one, so the switch is not younger than it.
            # Without a trace of the switch the value is left out: unknown.
            $folder = Join-Path ([Environment]::GetFolderPath('CommonApplicationData')) 'AADConnect'
            $f = @(Get-ChildItem -LiteralPath $folder -Filter 'Applied-SynchronizationPolicy-*.JSON' -ErrorAction SilentlyContinue | Sort-Object LastWriteTimeUtc -Descending | Select-Object -First 1)
            if ($f.Count -gt 0) { $v.StagingSince = Get-RbUtc $f[0].LastWriteTimeUtc }
        }
    }

    # --- statistics: connectors and what waits in them ---
    function Read-RbStatistics($r) {
        $v = $r.values
        Invoke-RbPart $r @('Connectors') {
            Assert-RbModule
            $override = @{}
            Invoke-RbPart $r @('Connectors.Override') {
                foreach ($o in @(Get-ADSyncSchedulerConnectorOverride)) { if ($null -ne $o) { $override["$($o.ConnectorIdentifier)"] = $o } }
            }
            $v.Connectors = @(foreach ($c in @(Get-ADSyncConnector)) {
                    if ($null -eq $c) { continue }
                    $one = @{ Name = [string]$c.Name; Identifier = "$($c.Identifier)".ToLowerInvariant(); Type = [string]$c.Type; Subtype = Get-RbText $c.Subtype }
                    Invoke-RbPart $r @('Connectors.Statistics') {
                        $s = Get-ADSyncConnectorStatistics -ConnectorName $c.Name
                        $t = @{}
                        foreach ($n in 'ExportAdds', 'ExportUpdates', 'ExportDeletes', 'ImportAdds', 'ImportUpdates', 'ImportDeletes', 'ImportNoChange', 'TotalConnectors') {
                            if (Test-RbProperty $s $n) { $t[$n] = Get-RbInt $s.$n }
                        }
                        $one.Statistics = $t
                    }
                    $o = $override["$($c.Identifier)"]
                    if ($null -ne $o) { $one.Override = @{ FullImportRequired = Get-RbBool $o.FullImportRequired; FullSyncRequired = Get-RbBool $o.FullSyncRequired } }
                    $one
                })
        }
    }

    # --- events: of the product's sources, since the session began ---
    function Read-RbEvents($r, [string]$since) {
        $v = $r.values
        Invoke-RbPart $r @('Events') {
            $from = [datetime]::UtcNow.AddDays(-1)
            if ($since) { $from = [datetime]::Parse($since, [System.Globalization.CultureInfo]::InvariantCulture, [System.Globalization.DateTimeStyles]'AdjustToUniversal,AssumeUniversal') }
            $found = @()
            foreach ($source in 'Directory Synchronization', 'ADSync', 'Entra Connect Admin Actions', 'Microsoft Entra Connect Upgrade', 'Azure AD Connect Upgrade', 'PasswordResetService') {
                $found += @(Get-RbEvents @{ LogName = 'Application'; ProviderName = $source; StartTime = $from.ToLocalTime() } 200)
            }
            $v.Events = @($found | Sort-Object TimeCreated -Descending | Select-Object -First 200 | ForEach-Object {
                    $m = [string]$_.Message
                    if ($m.Length -gt 1000) { $m = $m.Substring(0, 1000) }
                    $level = 'Information'
                    if ($_.Level -eq 1) { $level = 'Critical' } elseif ($_.Level -eq 2) { $level = 'Error' } elseif ($_.Level -eq 3) { $level = 'Warning' }
                    @{ TimeCreated = Get-RbUtc $_.TimeCreated; ProviderName = [string]$_.ProviderName; Id = [long]$_.Id; Level = $level; Message = $m }
                })
        }
    }

    # --- passwords: password hash synchronisation, the oldest over the partitions ---
    function Read-RbPasswords($r) {
        $v = $r.values
        Invoke-RbPart $r @('PasswordHashSync') {
            Assert-RbModule
            $enabled = $false
            foreach ($c in @(Get-ADSyncConnector)) {
                if ("$($c.Type)" -ne 'AD') { continue }
                $p = Get-ADSyncAADPasswordSyncConfiguration -SourceConnector $c.Name
                if ($p -and (Get-RbBool $p.Enabled)) { $enabled = $true }
            }
            $o = @{ Enabled = $enabled; LastSuccess = $null; LastStatus = $null }
            $states = @(Get-ADSyncPartitionPasswordSyncState | Where-Object { $null -ne $_ } | Sort-Object PasswordSyncLastSuccessfulCycleEndTimestamp)
            if ($states.Count -gt 0) {
                $o.LastSuccess = Get-RbUtc $states[0].PasswordSyncLastSuccessfulCycleEndTimestamp
                $o.LastStatus = Get-RbText $states[0].PasswordSyncLastCycleStatus
            }
            $v.PasswordHashSync = $o
        }
    }

    # --- configuration: settings, rules, scope, credential ---
    # By code points: two servers with other languages must come to the same order.
    function Get-RbSorted([string[]]$texts) {
        $list = New-Object System.Collections.ArrayList
        foreach ($t in $texts) { [void]$list.Add($t) }
        $list.Sort([System.StringComparer]::Ordinal)
        $list.ToArray()
    }
    # The meaning of a rule as text: names sorted, nothing that differs between two servers by itself.
    function Get-RbMeaning($o, [int]$depth) {
        if ($null -eq $o) { return '-' }
        if ($o -is [string] -or $o -is [enum] -or $o -is [guid] -or $o.GetType().IsPrimitive -or $depth -le 0) { return "$o" }
        if ($o -is [System.Collections.IEnumerable]) { return '[' + ((Get-RbSorted @(foreach ($x in $o) { Get-RbMeaning $x ($depth - 1) })) -join '|') + ']' }
        $parts = Get-RbSorted @(foreach ($p in $o.PSObject.Properties) {
                if ($p.Name -notmatch '(Identifier|Id|Guid|Version|Precedence.*|Connector|SynchronizationRule)$') { "$($p.Name)=" + (Get-RbMeaning $p.Value ($depth - 1)) }
            })
        '{' + ($parts -join ';') + '}'
    }
    function Get-RbFingerprint($rule) {
        $text = @(foreach ($n in 'Direction', 'SourceObjectType', 'TargetObjectType', 'LinkType', 'EnablePasswordSync', 'SoftDeleteExpiryInterval', 'JoinFilter', 'ScopeFilter', 'AttributeFlowMappings') {
                "$n=" + (Get-RbMeaning $rule.$n 5)
            }) -join "`n"
        try { $sha = [System.Security.Cryptography.SHA256]::Create() }
        catch { $sha = New-Object System.Security.Cryptography.SHA256CryptoServiceProvider }
        $hash = $sha.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($text))
        $sha.Dispose()
        ([System.BitConverter]::ToString($hash) -replace '-', '').ToLowerInvariant()
    }
    function Get-RbParameter($connector, [string]$name) {
        foreach ($p in @($connector.ConnectivityParameters)) { if ($null -ne $p -and "$($p.Name)" -eq $name) { return Get-RbText $p.Value } }
        $null
    }
    function Read-RbConfiguration($r) {
        $v = $r.values
        if (-not (Test-RbModule)) {
            foreach ($p in 'SignIn', 'Features', 'SourceAnchor', 'UserPrincipalNameAttribute', 'DeletionThreshold', 'AutoUpgrade', 'Connectors', 'Rules', 'Scope', 'EntraCredential') {
                $r.errors[$p] = @{ message = 'The module ADSync is not on this server.' }
            }
            return
        }
        Invoke-RbPart $r @('SignIn', 'Features', 'SourceAnchor', 'UserPrincipalNameAttribute', 'DeletionThreshold') {
            $g = @{}
            foreach ($p in @((Get-ADSyncGlobalSettings).Parameters)) { if ($null -ne $p) { $g[[string]$p.Name] = [string]$p.Value } }
            # What a setting does not hold is left out: unknown, not False.
            $v.SignIn = @{}
            if ($g['Microsoft.UserSignIn.SignOnMethod']) { $v.SignIn.Method = $g['Microsoft.UserSignIn.SignOnMethod'] }
            if ($g['Microsoft.UserSignIn.DesktopSsoEnabled']) { $v.SignIn.DesktopSsoEnabled = Get-RbBool $g['Microsoft.UserSignIn.DesktopSsoEnabled'] }
            $f = @{}
            foreach ($n in 'PasswordHashSync', 'PasswordWriteback', 'GroupWriteback', 'DeviceWriteback', 'UserWriteback', 'DirectoryExtension', 'HybridExchange') {
                if ($g["Microsoft.OptionalFeature.$n"]) { $f[$n] = Get-RbBool $g["Microsoft.OptionalFeature.$n"] }
            }
            $v.Features = $f
            $v.SourceAnchor = $g['Microsoft.SynchronizationOption.AnchorAttribute']
            $v.UserPrincipalNameAttribute = $g['Microsoft.SynchronizationOption.UPNAttribute']
            # The server's own copy of the tenant's threshold. Not yet seen on a real server.
            $on = $g['Microsoft.OptionalFeature.ExportDeletionThreshold']
            if ($null -eq $on) { $r.errors['DeletionThreshold'] = @{ message = 'The global settings hold no ExportDeletionThreshold.' } }
            elseif ($on -ne 'True') { $v.DeletionThreshold = 0 }
            else { $v.DeletionThreshold = Get-RbInt $g['Microsoft.OptionalFeature.ExportDeletionThresholdValue'] }
        }
        Invoke-RbPart $r @('AutoUpgrade') {
            $a = Get-ADSyncAutoUpgrade -Detail
            $v.AutoUpgrade = @{ State = Get-RbText $a.State; SuspensionReason = Get-RbText $a.SuspensionReason }
        }
        Invoke-RbPart $r @('MachineId') { $v.MachineId = Get-RbText (Get-RbRegistry 'HKLM:\SOFTWARE\Microsoft\Azure AD Connect' 'SyncMachineIdentifier') }
        $names = @{}
        Invoke-RbPart $r @('Connectors', 'Scope') {
            $scope = @()
            $v.Connectors = @(foreach ($c in @(Get-ADSyncConnector)) {
                    if ($null -eq $c) { continue }
                    $names["$($c.Identifier)"] = [string]$c.Name
                    $account = Get-RbParameter $c 'forest-login-user'
                    if ($account) {
                        $domain = Get-RbParameter $c 'forest-login-domain'
                        if ($domain) { $account = "$domain\$account" }
                    } else { $account = Get-RbParameter $c 'UserName' }
                    foreach ($p in @($c.Partitions)) {
                        if ($null -eq $p) { continue }
                        $in = @(); $out = @()
                        if ($p.ConnectorPartitionScope) {
                            $in = @(foreach ($x in $p.ConnectorPartitionScope.ContainerInclusionList) { [string]$x })
                            $out = @(foreach ($x in $p.ConnectorPartitionScope.ContainerExclusionList) { [string]$x })
                        }
                        $scope += @{ ConnectorName = [string]$c.Name; DN = [string]$p.DN; Selected = Get-RbBool $p.Selected; Inclusions = $in; Exclusions = $out }
                    }
                    @{ Name = [string]$c.Name; Identifier = "$($c.Identifier)".ToLowerInvariant(); Account = $account }
                })
            $v.Scope = @($scope)
        }
        Invoke-RbPart $r @('Rules') {
            $v.Rules = @(foreach ($rule in @(Get-ADSyncRule)) {
                    if ($null -eq $rule) { continue }
                    $tag = Get-RbText $rule.ImmutableTag
                    if (-not $tag) { $tag = $null }
                    @{
                        Name = [string]$rule.Name; ImmutableTag = $tag; Direction = [string]$rule.Direction; Precedence = Get-RbInt $rule.Precedence
                        Disabled = Get-RbBool $rule.Disabled; IsStandardRule = Get-RbBool $rule.IsStandardRule; ConnectorName = [string]$names["$($rule.Connector)"]
                        Fingerprint = Get-RbFingerprint $rule
                    }
                })
        }
        Invoke-RbPart $r @('EntraCredential') {
            # Property names beyond ConnectorIdentityType are not yet seen on a real server: taken by their likely names.
            $c = Get-ADSyncEntraConnectorCredential
            $o = @{ Type = [string]$c.ConnectorIdentityType; Application = $null; Expires = $null }
            foreach ($n in 'ApplicationId', 'AppId', 'Application') { if (Test-RbProperty $c $n) { $o.Application = Get-RbText $c.$n } }
            foreach ($n in 'CertificateExpirationDate', 'CertificateExpiry', 'NotAfter', 'Expires') { if (Test-RbProperty $c $n) { $o.Expires = Get-RbUtc $c.$n } }
            $v.EntraCredential = $o
        }
    }

    # --- host: the machine below the product ---
    function Get-RbTls([string]$side) {
        $key = "HKLM:\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\$side"
        $enabled = Get-RbRegistry $key 'Enabled'
        $off = Get-RbRegistry $key 'DisabledByDefault'
        if ($null -eq $enabled -or $null -eq $off) { return $null }
        [bool]($enabled -ne 0 -and $off -eq 0)
    }
    function Get-RbStrongCrypto([string]$key) {
        $default = Get-RbRegistry $key 'SystemDefaultTlsVersions'
        $strong = Get-RbRegistry $key 'SchUseStrongCrypto'
        if ($null -eq $default -or $null -eq $strong) { return $null }
        [bool]($default -eq 1 -and $strong -eq 1)
    }
    function Read-RbHost($r) {
        $v = $r.values
        $v.PowerShellVersion = "$($PSVersionTable.PSVersion.Major).$($PSVersionTable.PSVersion.Minor)"
        Invoke-RbPart $r @('OS') {
            $os = Get-CimInstance Win32_OperatingSystem
            $v.OS = @{ Caption = ([string]$os.Caption).Trim(); Version = [string]$os.Version }
        }
        Invoke-RbPart $r @('DomainJoined') { $v.DomainJoined = [bool](Get-CimInstance Win32_ComputerSystem).PartOfDomain }
        Invoke-RbPart $r @('DotNetRelease') { $v.DotNetRelease = Get-RbInt (Get-RbRegistry 'HKLM:\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full' 'Release') }
        Invoke-RbPart $r @('Tls12') {
            $v.Tls12 = @{
                Client = Get-RbTls 'Client'; Server = Get-RbTls 'Server'
                StrongCrypto64 = Get-RbStrongCrypto 'HKLM:\SOFTWARE\Microsoft\.NETFramework\v4.0.30319'
                StrongCrypto32 = Get-RbStrongCrypto 'HKLM:\SOFTWARE\Wow6432Node\Microsoft\.NETFramework\v4.0.30319'
            }
        }
        Invoke-RbPart $r @('DiskFreeBytes') { $v.DiskFreeBytes = [long](New-Object System.IO.DriveInfo("$env:SystemDrive\")).AvailableFreeSpace }
        Invoke-RbPart $r @('Database') {
            Assert-RbModule
            $d = Get-ADSyncDatabaseConfiguration
            $v.Database = @{ UsedSpaceInMb = Get-RbInt $d.UsedSpaceInMb; IsLocalDBInstalled = Get-RbBool $d.IsLocalDBInstalled }
        }
        Invoke-RbPart $r @('PtaAgent') {
            $s = Get-RbService 'AzureADConnectAuthenticationAgent'
            $v.PtaAgent = @{ Status = $null }
            if ($s) { $v.PtaAgent.Status = [string]$s.Status }
        }
        Invoke-RbPart $r @('HealthAgent') {
            $s = @(Get-Service -Name 'AzureADConnectHealthSync*' | Select-Object -First 1)
            $v.HealthAgent = @{ Status = $null }
            if ($s.Count -gt 0) { $v.HealthAgent.Status = [string]$s[0].Status }
        }
    }
}
# What a group is about: a reading that fails as a whole says so for each of these.
$RbPaths = @{
    core = 'Host', 'Domain', 'Now', 'BootTime', 'Installed', 'Version', 'Service', 'Scheduler', 'ConnectorRunStatus', 'Wizard', 'SynchronizationServiceManager'
    runs = 'RunHistory', 'RunHistoryBegins', 'StagingSince'
    statistics = , 'Connectors'
    events = , 'Events'
    passwords = , 'PasswordHashSync'
    'configuration' = 'SignIn', 'Features', 'SourceAnchor', 'UserPrincipalNameAttribute', 'DeletionThreshold', 'AutoUpgrade', 'MachineId', 'Connectors', 'Rules', 'Scope', 'EntraCredential'
    host = 'OS', 'DotNetRelease', 'Tls12', 'DomainJoined', 'PowerShellVersion', 'DiskFreeBytes', 'Database', 'PtaAgent', 'HealthAgent'
}

# ---------------------------------------------------------------------------------------------------------------------
# The lane: the one runspace that requests run in, beside this script's own, so that pings and cancels are served meanwhile.
# ---------------------------------------------------------------------------------------------------------------------
$lane = @{ rs = $null; remote = $false; ready = $false; noscript = $false; job = $null }

function Open-Lane($connection) {
    if ($connection) { $rs = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace($connection) }
    else { $rs = [System.Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace([System.Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()) }
    $rs.Open()
    $lane.rs = $rs
    $lane.remote = [bool]$connection
    $lane.ready = $false
    $lane.noscript = $false
}

function New-Pipeline {
    $ps = [System.Management.Automation.PowerShell]::Create()
    $ps.Runspace = $lane.rs
    $ps
}

# Runs a short text in the lane and waits for it; only for what must be over before the next request.
function Invoke-Lane([string]$script_text) {
    $ps = New-Pipeline
    try {
        [void]$ps.AddScript($script_text, $false)
        @($ps.Invoke())
    } finally { $ps.Dispose() }
}

function Start-Pipeline($job) {
    if (-not $lane.remote) {
        # True order across the streams. (Over a remote runspace merged records lose their types: there they stay apart.)
        $job.ps.Commands.Commands[0].MergeMyResults([System.Management.Automation.Runspaces.PipelineResultTypes]::All, [System.Management.Automation.Runspaces.PipelineResultTypes]::Output)
    }
    $in = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    $in.Complete()
    $out = New-Object 'System.Management.Automation.PSDataCollection[psobject]'
    $job.out = $out
    $job.clock = [System.Diagnostics.Stopwatch]::StartNew()
    $job.why = $null
    $job.asked = $null
    $job.stuck = $false
    # A remote runspace that is gone throws here: then there is no job.
    $job.async = $job.ps.BeginInvoke($in, $out)
    $lane.job = $job
}

# Never Stop(): it waits without limit. What does not stop within the grace is "stuck", and lockstep ends this process.
$RbGraceMs = 5000
function Stop-Request($why) {
    $j = $lane.job
    if ($j -and -not $j.why) {
        $j.why = $why
        $j.asked = $j.clock.ElapsedMilliseconds
        [void]$j.ps.BeginStop($null, $null)
    }
}
function Watch-Clock($j) {
    $ms = $j.clock.ElapsedMilliseconds
    if ($j.limit -gt 0 -and $ms -gt $j.limit) { Stop-Request 'timeout' }
    if ($j.why -and -not $j.stuck -and ($ms - $j.asked) -gt $RbGraceMs) {
        $j.stuck = $true
        Send-Frame @{ t = 'stuck'; id = $j.id; ms = [long]($ms - $j.asked) }
    }
}
function Close-Request {
    $lane.job.ps.Dispose()
    $lane.job = $null
}

# ---------------------------------------------------------------------------------------------------------------------
# read
# ---------------------------------------------------------------------------------------------------------------------
function Send-Reading($id, $group, $ms, $json) {
    $script:RbSeq++
    $head = ConvertTo-Json -InputObject @{ t = 'reading'; id = $id; group = $group; ms = [long]$ms; n = $script:RbSeq } -Compress
    Send-Line ($head.Substring(0, $head.Length - 1) + ',' + $json.Substring(1))
}
function Send-FailedReading($id, $group, $ms, $err) {
    $errors = @{}
    foreach ($p in $RbPaths[$group]) { $errors[$p] = $err }
    Send-Frame @{ t = 'reading'; id = $id; group = $group; ms = [long]$ms; server_utc = (ConvertTo-Utc ([datetime]::UtcNow)); values = @{}; errors = $errors }
}
function Start-Read($req) {
    $groups = New-Object System.Collections.Queue
    foreach ($g in @($req.groups)) {
        if (-not $RbPaths.ContainsKey([string]$g)) { throw "There is no group '$g'." }
        $groups.Enqueue([string]$g)
    }
    $since = $req.since
    # PowerShell 7 makes a DateTime of text that looks like one.
    if ($since -is [datetime]) { $since = ConvertTo-Utc $since }
    $all = @{ id = [string]$req.id; groups = $groups; since = [string]$since; limit = [long]$req.deadline_ms; clock = [System.Diagnostics.Stopwatch]::StartNew() }
    Start-NextGroup $all
}
function Start-NextGroup($all) {
    if ($all.groups.Count -eq 0) {
        Send-Frame @{ t = 'end'; id = $all.id; state = 'Completed'; why = $null; errors = $false; ms = $all.clock.ElapsedMilliseconds }
        return
    }
    $group = $all.groups.Dequeue()
    if (-not $lane.ready) {
        if (-not $lane.noscript) { [void](Invoke-Lane $RbProjections.ToString()) }
        $lane.ready = $true
    }
    $ps = New-Pipeline
    [void]$ps.AddCommand('Read-LockstepGroup').AddParameter('Group', $group)
    if ($group -eq 'events' -and $all.since) { [void]$ps.AddParameter('Since', $all.since) }
    Start-Pipeline @{ kind = 'read'; id = $all.id; all = $all; group = $group; ps = $ps; limit = $all.limit }
}
function Step-Read($j) {
    if (-not $j.async.IsCompleted) { Watch-Clock $j; return }
    $json = $null
    $err = $null
    foreach ($o in $j.out.ReadAll()) {
        $b = $o
        if ($o -is [psobject]) { $b = $o.PSObject.BaseObject }
        if ($b -is [string] -and $b.StartsWith('{"', [System.StringComparison]::Ordinal)) { $json = [string]$b }
        elseif ($b -is [System.Management.Automation.ErrorRecord]) { $err = $b }
    }
    if ($lane.remote) { foreach ($e in $j.ps.Streams.Error.ReadAll()) { $err = $e } }
    if ($null -ne $json) { $json = ConvertTo-Ascii $json }
    $ms = $j.clock.ElapsedMilliseconds
    if ($j.why -eq 'timeout') { Send-FailedReading $j.id $j.group $ms @{ message = "The group '$($j.group)' did not answer within $([int]($j.limit / 1000)) s." } }
    elseif ($null -ne $json -and $json.Length -gt $RbFrameMax) { Send-FailedReading $j.id $j.group $ms @{ message = "The answer has $($json.Length) characters; at most $RbFrameMax are sent." } }
    elseif ($null -ne $json) { Send-Reading $j.id $j.group $ms $json }
    else {
        if ($null -eq $err) { $err = $j.ps.InvocationStateInfo.Reason }
        if ($null -eq $err) { $err = 'The group gave no answer.' }
        Send-FailedReading $j.id $j.group $ms (ConvertTo-ErrorFrame $err)
    }
    $stopped = $j.why -and $j.why -ne 'timeout'
    $all = $j.all
    $why = $j.why
    Close-Request
    if ($stopped) { Send-Frame @{ t = 'end'; id = $all.id; state = 'Stopped'; why = $why; errors = $false; ms = $all.clock.ElapsedMilliseconds } }
    else { Start-NextGroup $all }
}

# ---------------------------------------------------------------------------------------------------------------------
# run
# ---------------------------------------------------------------------------------------------------------------------
# $Run: plain data from the request. The tagged forms of lockstep's values become .NET values.
function ConvertFrom-Tagged($v) {
    if ($v -is [System.Management.Automation.PSCustomObject]) {
        $p = @($v.PSObject.Properties)
        if ($p.Count -eq 1) {
            switch ($p[0].Name) {
                '$version' { return [version][string]$p[0].Value }
                '$timespan' { return [timespan][string]$p[0].Value }
                '$unknown' { return $null }
                '$datetime' {
                    if ($p[0].Value -is [datetime]) { return $p[0].Value.ToUniversalTime() }
                    return [datetime]::Parse([string]$p[0].Value, [System.Globalization.CultureInfo]::InvariantCulture, [System.Globalization.DateTimeStyles]'AdjustToUniversal,AssumeUniversal')
                }
            }
        }
        $o = New-Object psobject
        foreach ($x in $p) { $o.PSObject.Properties.Add((New-Object System.Management.Automation.PSNoteProperty($x.Name, (ConvertFrom-Tagged $x.Value)))) }
        return $o
    }
    if ($v -is [array]) { return , @(foreach ($x in $v) { ConvertFrom-Tagged $x }) }
    $v
}

# An endpoint without language takes no script: there lockstep sends the command and its arguments apart. The text comes
# too, for its hash. A value that is no text comes in its tagged form.
function Add-Command($ps, $command) {
    [void]$ps.AddCommand([string]$command.name)
    foreach ($a in @($command.arguments)) {
        if ($null -eq $a) { continue }
        $named = [bool]$a.PSObject.Properties['name']
        $valued = [bool]$a.PSObject.Properties['value']
        $value = $null
        if ($valued) { $value = ConvertFrom-Tagged $a.value }
        if ($named -and $valued) { [void]$ps.AddParameter([string]$a.name, $value) }
        elseif ($named) { [void]$ps.AddParameter([string]$a.name) }
        else { [void]$ps.AddArgument($value) }
    }
}

# The installer adds its folder to the machine's module path; a process that was started before does not get that.
$bin = "$env:ProgramFiles\Microsoft Azure AD Sync\Bin"
function Add-ProductModules {
    if ([System.IO.Directory]::Exists("$bin\ADSync") -and -not "$env:PSModulePath".Contains($bin)) { $env:PSModulePath = "$env:PSModulePath;$bin" }
}

function Start-Run($req) {
    if (-not $lane.remote) { Add-ProductModules }
    $text = [string]$req.script
    $ps = New-Pipeline
    if ($null -ne $req.command) { Add-Command $ps $req.command } else { [void]$ps.AddScript($text, $true) }
    $run = New-Object psobject
    if ($null -ne $req.vars) { $run = ConvertFrom-Tagged $req.vars }
    if (-not $lane.noscript) { $lane.rs.SessionStateProxy.SetVariable('Run', $run) }
    # Otherwise the exit code of an earlier run would be reported again.
    if (-not $lane.remote) { $lane.rs.SessionStateProxy.SetVariable('LASTEXITCODE', $null) }
    Send-Frame @{ t = 'started'; id = [string]$req.id; sha256 = (Get-Sha256 $text) }
    $limit = [long]0
    if ($req.timeout_ms) { $limit = [long]$req.timeout_ms }
    Start-Pipeline @{
        kind = 'run'; id = [string]$req.id; ps = $ps; limit = $limit; into = [bool]$req.into; records = 0; dropped = 0
        text = (New-Object System.Text.StringBuilder); objects = (New-Object System.Collections.ArrayList); open = 0
    }
}

function Send-Text($id, $stream, [string]$text) {
    $at = 0
    while ($at -lt $text.Length) {
        $length = [Math]::Min($RbTextMax, $text.Length - $at)
        # A pair of surrogates stays together.
        if ($at + $length -lt $text.Length -and [char]::IsHighSurrogate($text[$at + $length - 1])) { $length-- }
        Send-Frame @{ t = 'out'; id = $id; s = $stream; d = $text.Substring($at, $length) }
        $at += $length
    }
}
function Send-Buffered($j) {
    if ($j.text.Length) {
        Send-Text $j.id 'stdout' $j.text.ToString()
        $j.text.Length = 0
    }
    if ($j.objects.Count -gt 0) {
        # Printing takes about half a millisecond an object, and nothing is answered meanwhile.
        if ($j.objects.Count -gt 2000) { Send-Frame @{ t = 'busy'; id = $j.id; ms = [long]($j.objects.Count * 5) } }
        try { $printed = $j.objects.ToArray() | Out-String -Width 200 }
        catch { $printed = (@(foreach ($o in $j.objects) { "$o" }) -join "`n") + "`n" }
        $j.objects.Clear()
        $j.open = 0
        Send-Text $j.id 'stdout' $printed
    }
}

# A value of a record in its tagged form; the marker where it is no scalar.
$RbNoScalar = New-Object object
function ConvertTo-Scalar($v) {
    if ($null -eq $v) { return $null }
    # Over a remote runspace an enum comes as a number that prints as its word.
    if ($lane.remote -and $v -is [psobject] -and $v.PSObject.TypeNames -contains 'Deserialized.System.Enum') { return "$v" }
    if ($v -is [psobject]) { $v = $v.PSObject.BaseObject }
    if ($v -is [string]) { return $v }
    if ($v -is [bool]) { return $v }
    if ($v -is [enum] -or $v -is [char] -or $v -is [guid] -or $v -is [uri] -or $v -is [System.Security.SecureString]) {
        if ($v -is [System.Security.SecureString]) { return '(secure string)' }
        return "$v"
    }
    if ($v -is [int] -or $v -is [long] -or $v -is [byte] -or $v -is [sbyte] -or $v -is [int16] -or $v -is [uint16] -or $v -is [uint32]) { return [long]$v }
    if ($v -is [double] -or $v -is [single]) {
        if ([double]::IsNaN($v) -or [double]::IsInfinity($v)) { return "$v" }
        return [double]$v
    }
    if ($v -is [uint64] -or $v -is [decimal]) {
        if ($v -is [uint64] -and $v -le [long]::MaxValue) { return [long]$v }
        return $v.ToString([System.Globalization.CultureInfo]::InvariantCulture)
    }
    if ($v -is [version]) { return @{ '$version' = $v.ToString() } }
    if ($v -is [timespan]) { return @{ '$timespan' = $v.ToString('c') } }
    if ($v -is [datetimeoffset]) { $v = $v.UtcDateTime }
    if ($v -is [datetime]) { return @{ '$datetime' = (ConvertTo-Utc $v) } }
    $RbNoScalar
}
function Send-Record($j, $o) {
    $j.records++
    if ($j.records -gt 1000) { $j.dropped++; return }
    $flat = New-Object System.Collections.Specialized.OrderedDictionary
    $own = ConvertTo-Scalar $o
    if (-not [object]::ReferenceEquals($own, $RbNoScalar)) { $flat['Value'] = $own }
    else {
        $base = $o
        if ($o -is [psobject]) { $base = $o.PSObject.BaseObject }
        if ($base -is [System.Collections.IDictionary]) { $pairs = @(foreach ($k in $base.Keys) { , @("$k", $base[$k]) }) }
        else {
            $pairs = @(foreach ($p in $o.PSObject.Properties) {
                    if ($lane.remote -and 'PSComputerName', 'RunspaceId', 'PSShowComputerName' -contains $p.Name) { continue }
                    try { , @($p.Name, $p.Value) } catch { continue }
                })
        }
        foreach ($pair in $pairs) {
            $value = ConvertTo-Scalar $pair[1]
            if ([object]::ReferenceEquals($value, $RbNoScalar)) {
                if ($pair[1] -isnot [System.Collections.IEnumerable] -or $pair[1] -is [System.Collections.IDictionary]) { continue }
                $items = @(foreach ($x in $pair[1]) { ConvertTo-Scalar $x } )
                $plain = $true
                foreach ($x in $items) { if ([object]::ReferenceEquals($x, $RbNoScalar)) { $plain = $false } }
                if (-not $plain) { continue }
                $value = $items
            }
            $flat[[string]$pair[0]] = $value
        }
    }
    $json = ConvertTo-Ascii (ConvertTo-Json -InputObject @{ t = 'record'; id = $j.id; v = $flat; n = ($script:RbSeq + 1) } -Compress -Depth 8)
    if ($json.Length -gt $RbFrameMax) { $j.dropped++; return }
    $script:RbSeq++
    Send-Line $json
}

# An object whose properties cannot be read is one that is not sent; the run goes on.
function Send-RecordOrDrop($j, $o) {
    try { Send-Record $j $o } catch { $j.dropped++ }
}

function Send-ErrorRecord($j, $e) {
    # A native program's standard error comes as error records: that is output, not a failure.
    if ("$($e.FullyQualifiedErrorId)" -like 'NativeCommandError*') { Send-Text $j.id 'native_err' ("$e" + "`n") }
    else { Send-Frame @{ t = 'out'; id = $j.id; s = 'error'; err = (ConvertTo-ErrorFrame $e) } }
}
function Send-Streams($j) {
    # Only the newest of each activity: a progress bar has no history.
    $newest = @{}
    foreach ($p in $j.ps.Streams.Progress.ReadAll()) { $newest[$p.ActivityId] = $p }
    foreach ($p in $newest.Values) {
        Send-Frame @{ t = 'out'; id = $j.id; s = 'progress'; a = (Limit-Text "$($p.Activity)" 500); d = (Limit-Text "$($p.StatusDescription)" 500); pct = [long]$p.PercentComplete; done = ("$($p.RecordType)" -eq 'Completed') }
    }
    if (-not $lane.remote) { return }
    foreach ($e in $j.ps.Streams.Error.ReadAll()) { Send-ErrorRecord $j $e }
    foreach ($w in $j.ps.Streams.Warning.ReadAll()) { Send-Text $j.id 'warning' "$($w.Message)" }
    foreach ($w in $j.ps.Streams.Verbose.ReadAll()) { Send-Text $j.id 'verbose' "$($w.Message)" }
    foreach ($w in $j.ps.Streams.Debug.ReadAll()) { Send-Text $j.id 'debug' "$($w.Message)" }
    foreach ($w in $j.ps.Streams.Information.ReadAll()) { Send-Text $j.id 'info' "$w`n" }
}
function Step-Run($j) {
    $done = $j.async.IsCompleted
    $count = 0
    foreach ($o in $j.out.ReadAll()) {
        # A flood must not starve pings and cancels.
        $count++
        if ($count % 1000 -eq 0 -and $script:RbRead.IsCompleted) { Receive-Line }
        $b = $o
        if ($o -is [psobject]) { $b = $o.PSObject.BaseObject }
        if ($null -eq $b) { continue }
        if ($b -is [string]) {
            if ($j.objects.Count -gt 0) { Send-Buffered $j }
            [void]$j.text.Append($b).Append("`n")
            if ($j.text.Length -gt $RbTextMax) { Send-Buffered $j }
            if ($j.into) { Send-RecordOrDrop $j $b }
            continue
        }
        if ($b -is [System.Management.Automation.ErrorRecord]) { Send-Buffered $j; Send-ErrorRecord $j $b }
        elseif ($b -is [System.Management.Automation.InformationalRecord]) {
            # WarningRecord, VerboseRecord, DebugRecord: the stream is the type's name.
            $stream = ($b.GetType().Name -replace 'Record$', '').ToLowerInvariant()
            Send-Buffered $j
            Send-Text $j.id $stream "$($b.Message)"
        }
        elseif ($b -is [System.Management.Automation.InformationRecord]) { Send-Buffered $j; Send-Text $j.id 'info' "$b`n" }
        else {
            if ($j.text.Length -gt 0) { Send-Buffered $j }
            [void]$j.objects.Add($o)
            # What Format-Table and Format-List make can only be printed as a whole.
            $type = "$(@($o.PSObject.TypeNames)[0])"
            if ($type -like '*.FormatStartData') { $j.open++ }
            elseif ($type -like '*.FormatEndData') { $j.open-- }
            elseif ($j.into -and $j.open -eq 0) { Send-RecordOrDrop $j $o }
            # In pieces: pings are answered between them.
            if ($j.open -eq 0 -and $j.objects.Count -ge 500) { Send-Buffered $j }
        }
    }
    if ($done -or $j.open -le 0) { Send-Buffered $j }
    Send-Streams $j
    if (-not $done) { Watch-Clock $j; return }
    $f = @{ t = 'end'; id = $j.id; state = "$($j.ps.InvocationStateInfo.State)"; why = $j.why; errors = [bool]$j.ps.HadErrors; ms = $j.clock.ElapsedMilliseconds; dropped = $j.dropped }
    if ($j.ps.InvocationStateInfo.Reason) { $f.err = ConvertTo-ErrorFrame $j.ps.InvocationStateInfo.Reason }
    if (-not $lane.remote) {
        $exit = $lane.rs.SessionStateProxy.GetVariable('LASTEXITCODE')
        if ($exit -is [int]) { $f.exit = $exit }
    }
    Close-Request
    Send-Frame $f
}

# ---------------------------------------------------------------------------------------------------------------------
# parse: the engine's own parser; nothing runs
# ---------------------------------------------------------------------------------------------------------------------
function Send-Parse($req) {
    $tokens = $null
    $errors = $null
    [void][System.Management.Automation.Language.Parser]::ParseInput([string]$req.script, [ref]$tokens, [ref]$errors)
    $f = @{ t = 'end'; id = [string]$req.id; state = 'Completed'; why = $null; errors = $false; ms = 0 }
    $errors = @($errors)
    if ($errors.Count -gt 0) {
        $f.state = 'Failed'
        $f.errors = $true
        $f.err = @{
            message  = (@(foreach ($e in $errors) { "line $($e.Extent.StartLineNumber): $($e.Message)" }) -join "`n")
            fqid     = [string]$errors[0].ErrorId
            category = 'ParserError'
            line     = [int]$errors[0].Extent.StartLineNumber
            position = [string]$errors[0].Extent.Text
        }
    }
    Send-Frame $f
}

# ---------------------------------------------------------------------------------------------------------------------
# hello
# ---------------------------------------------------------------------------------------------------------------------
$RbAbout = {
    $elevated = $null
    if ([System.IO.Path]::DirectorySeparatorChar -eq '\') {
        $me = New-Object System.Security.Principal.WindowsPrincipal([System.Security.Principal.WindowsIdentity]::GetCurrent())
        $elevated = $me.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
    }
    $adsync = Test-Path -LiteralPath "$env:ProgramFiles\Microsoft Azure AD Sync\Bin\ADSync\ADSync.psd1"
    foreach ($dir in "$env:PSModulePath".Split([System.IO.Path]::PathSeparator)) {
        if ($dir -and (Test-Path -LiteralPath (Join-Path $dir 'ADSync'))) { $adsync = $true }
    }
    $user = [Environment]::UserName
    if ([Environment]::UserDomainName) { $user = [Environment]::UserDomainName + '\' + $user }
    ConvertTo-Json -Compress -InputObject @{
        ps = "$($PSVersionTable.PSVersion)"; edition = "$($PSVersionTable.PSEdition)"; bits = [IntPtr]::Size * 8
        lang = "$($ExecutionContext.SessionState.LanguageMode)"; machine = [Environment]::MachineName; user = $user
        elevated = $elevated; adsync = $adsync
    }
}
function Send-Hello([string]$machine) {
    $h = @{ t = 'hello'; proto = 1; agent_sha = $RbSha; pid = $PID; stdin_isolated = $RbIsolated }
    $about = $null
    try { $about = @(Invoke-Lane $RbAbout.ToString())[0] } catch {
        if (-not $lane.remote) { throw }
        # An endpoint without language takes commands only: it must offer Read-LockstepGroup itself.
        $lane.noscript = $true
        $h.lang = 'NoLanguage'
        $h.machine = $machine
    }
    if ($about) { foreach ($p in (ConvertFrom-Json ([string]$about)).PSObject.Properties) { $h[$p.Name] = $p.Value } }
    Send-Frame $h
}
# winrm://: this process stays here and opens its lane on the server. The identity is the signed-in one (Kerberos).
function Connect-Lane($req) {
    $port = 5985
    $scheme = 'http'
    if ($req.ssl) { $port = 5986; $scheme = 'https' }
    if ($req.port) { $port = [int]$req.port }
    $shell = 'http://schemas.microsoft.com/powershell/Microsoft.PowerShell'
    if ($req.configuration) { $shell = 'http://schemas.microsoft.com/powershell/' + [string]$req.configuration }
    $uri = (New-Object System.UriBuilder($scheme, [string]$req.host, $port, 'wsman')).Uri
    $info = New-Object System.Management.Automation.Runspaces.WSManConnectionInfo($uri)
    $info.ShellUri = $shell
    $info.OpenTimeout = 60000
    $lane.rs.Dispose()
    Open-Lane $info
    Send-Hello ([string]$req.host)
}

# ---------------------------------------------------------------------------------------------------------------------
# The loop
# ---------------------------------------------------------------------------------------------------------------------
$script:RbRunning = $true
function Receive-Line {
    $line = $script:RbRead.Result
    if ($null -eq $line) { $script:RbRunning = $false; return }
    $script:RbRead = $RbIn.ReadLineAsync()
    $id = $null
    try {
        $req = ConvertFrom-Json $line
        $id = [string]$req.id
        $kind = [string]$req.t
        if ($lane.job -and 'read', 'run', 'parse', 'connect' -contains $kind) { Send-Frame @{ t = 'end'; id = $id; state = 'Busy' }; return }
        switch ($kind) {
            'ping' { Send-Frame @{ t = 'pong'; id = $id } }
            'read' { Start-Read $req }
            'run' { Start-Run $req }
            'parse' { Send-Parse $req }
            'connect' { Connect-Lane $req }
            'cancel' { if ($lane.job -and $lane.job.id -eq $id) { Stop-Request 'cancel' } }
            'bye' { $script:RbRunning = $false }
            default { Send-Frame @{ t = 'oops'; message = "unknown request '$kind'" } }
        }
    } catch {
        # A request that could not begin is over; anything else is a request that could not be read.
        if ($id -and -not $lane.job -and 'read', 'run', 'parse' -contains $kind) { Send-Frame @{ t = 'end'; id = $id; state = 'Failed'; errors = $true; err = (ConvertTo-ErrorFrame $_) } }
        else { Send-Frame @{ t = 'oops'; err = (ConvertTo-ErrorFrame $_) } }
    }
}
function Step-Request {
    $j = $lane.job
    if ($null -eq $j) { return }
    if ($j.kind -eq 'read') { Step-Read $j } else { Step-Run $j }
}

try {
    if ($null -eq $RbIn) { $RbIn = New-Object System.IO.StreamReader([Console]::OpenStandardInput(), (New-Object System.Text.UTF8Encoding($false))) }
    # The text as it was sent, or as the file holds it.
    if (-not $Text -and $PSCommandPath) { $Text = [System.IO.File]::ReadAllText($PSCommandPath) }
    $RbSha = Get-Sha256 $Text
    Add-ProductModules
    $RbIsolated = Protect-Stdin
    # Managed code that writes to the console writes to standard error: that is the connection log.
    [Console]::SetOut([Console]::Error)
    Open-Lane $null
    Send-Hello ''
    $script:RbRead = $RbIn.ReadLineAsync()
} catch {
    Send-Frame @{ t = 'oops'; err = (ConvertTo-ErrorFrame $_) }
    [Environment]::Exit(1)
}
# When the product's service was built into its folder, in ticks: another number after an upgrade.
function Get-ProductStamp { [System.IO.File]::GetLastWriteTimeUtc("$bin\miiserver.exe").Ticks }
$RbNoProduct = [System.IO.File]::GetLastWriteTimeUtc("$bin\there-is-no-such-file").Ticks
$RbProduct = Get-ProductStamp
try {
    while ($script:RbRunning) {
        if ($lane.job) {
            # Its end wakes us at once; new output, pings and cancels are looked for every 20 ms.
            [void]$lane.job.async.AsyncWaitHandle.WaitOne(20)
            if ($script:RbRead.IsCompleted) { Receive-Line }
            Step-Request
        } elseif ($script:RbRead.Wait(1000)) { Receive-Line }
        if (-not $lane.job -and $lane.remote -and "$($lane.rs.RunspaceStateInfo.State)" -ne 'Opened') {
            # A remote runspace that is lost never comes back: lockstep starts another agent.
            $why = 'the remote runspace is gone'
            if ($lane.rs.RunspaceStateInfo.Reason) { $why = "$($lane.rs.RunspaceStateInfo.Reason.Message)" }
            [Console]::Error.WriteLine($why)
            Send-Frame @{ t = 'bye' }
            [Environment]::Exit(1)
        }
        if (-not $lane.job -and -not $lane.remote) {
            # After an upgrade of the product its module is another one, and the old one stays loaded as long as this process.
            $now = Get-ProductStamp
            if ($RbProduct -eq $RbNoProduct) { $RbProduct = $now }
            elseif ($now -ne $RbNoProduct -and $now -ne $RbProduct) {
                [Console]::Error.WriteLine('the product was upgraded: an agent that loads its new module is needed')
                Send-Frame @{ t = 'bye' }
                [Environment]::Exit(0)
            }
        }
    }
} catch {
    # Whatever it was: an agent that cannot go on says so and leaves, and lockstep starts another.
    [Console]::Error.WriteLine("$_")
    try { Send-Frame @{ t = 'bye' } } catch { $null = $_ }
    [Environment]::Exit(1)
}
# The input ended, or we were told to go: stop what runs, wait a little, leave. (Exit, because a runspace in use would hold us.)
Stop-Request 'shutdown'
$wait = [System.Diagnostics.Stopwatch]::StartNew()
while ($lane.job -and $wait.ElapsedMilliseconds -lt 3000) {
    Start-Sleep -Milliseconds 20
    try { Step-Request } catch { break }
}
try { Send-Frame @{ t = 'bye' } } catch { $null = $_ }
[Environment]::Exit(0)
