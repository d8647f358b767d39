package privacyidea

import (
	"context"

	"symbolon/internal/fault"
)

// What the route table names and nobody has written yet. Whoever writes one
// takes its line away.

func later(ctx context.Context, req *Request) (Answer, error) {
	return Answer{}, fault.New(fault.NotSupported, req.Origin.Action)
}

func (s *Server) auth(ctx context.Context, r *Request) (Answer, error)          { return later(ctx, r) }
func (s *Server) authRights(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) validateCheck(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) validateRADIUSCheck(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateSAMLCheck(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateTrigger(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateInitialize(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) ttype(ctx context.Context, r *Request) (Answer, error)        { return later(ctx, r) }
func (s *Server) validatePoll(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) validateOfflineRefill(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateCapabilities(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) validateRememberDevice(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenInit(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) tokenList(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) tokenAssign(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) tokenUnassign(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenDelete(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) tokenRealm(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) tokenLoad(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) tokenCopyPIN(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) tokenCopyUser(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenLost(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) tokenGetSerial(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenSetInfo(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenDeleteInfo(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenSetInfos(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenAddGroup(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenSetGroups(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenRemoveGroup(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenRevoke(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) tokenEnable(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) tokenDisable(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) tokenReset(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) tokenResync(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) tokenSetPIN(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) tokenSetRandomPIN(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenDescription(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) tokenSet(ctx context.Context, r *Request) (Answer, error)      { return later(ctx, r) }
func (s *Server) challengeList(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) challengeCancel(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) challengeSweep(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) realmList(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) realmSuperuser(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) realmSet(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) realmDelete(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) realmSetNode(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) defaultRealm(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) defaultRealmSet(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) defaultRealmDelete(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) resolverList(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) resolverSet(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) resolverDelete(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) resolverTest(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) resolverDefault(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) policyEnable(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) policyDisable(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) policyRename(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) policySet(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) policyList(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) policyExport(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) policyDelete(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) policyImport(ctx context.Context, r *Request) (Answer, error)  { return later(ctx, r) }
func (s *Server) policyCheck(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) policyDefinitions(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemDocumentation(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemGPGKeys(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) systemGet(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) systemSet(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) systemSetDefault(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemDelete(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) systemSetHSM(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) systemHSM(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) systemRandom(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) systemTest(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) systemNamesRADIUS(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemNamesCA(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) systemNodes(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) systemCertificates(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemResolverTiming(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemDelivery(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemUserCache(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) systemMetricsCleanup(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userList(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) userSettings(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) userSettingsSet(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userSettingsDelete(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userAttributeSet(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userAttribute(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) userInternalAttribute(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userEditableAttributes(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userAttributeDelete(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
func (s *Server) userDelete(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) userAdd(ctx context.Context, r *Request) (Answer, error)       { return later(ctx, r) }
func (s *Server) userUpdate(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) auditList(ctx context.Context, r *Request) (Answer, error)     { return later(ctx, r) }
func (s *Server) auditDownload(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) health(ctx context.Context, r *Request) (Answer, error)        { return later(ctx, r) }
func (s *Server) healthStarted(ctx context.Context, r *Request) (Answer, error) { return later(ctx, r) }
func (s *Server) healthLive(ctx context.Context, r *Request) (Answer, error)    { return later(ctx, r) }
func (s *Server) healthReady(ctx context.Context, r *Request) (Answer, error)   { return later(ctx, r) }
func (s *Server) healthResolvers(ctx context.Context, r *Request) (Answer, error) {
	return later(ctx, r)
}
